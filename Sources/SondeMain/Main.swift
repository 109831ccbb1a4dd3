internal import SondeCommand

@main struct Main {
  static func main() { Sonde.start(Array(CommandLine.arguments.dropFirst())) }
}
