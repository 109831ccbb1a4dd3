internal import SondeCommand

@main struct Main {
  static func main() { Sonde.start(CommandLine.arguments.dropFirst()) }
}
