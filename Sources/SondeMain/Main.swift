internal import SondeCommand

@main struct Main {
  static func main() {}
}
