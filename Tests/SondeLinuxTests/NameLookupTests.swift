import SondeLinux
import SondeOctets
import Testing

@Suite struct NameLookupTests {
  @Test func aNameIsThereOnceItWasWaitedFor() throws {
    let names = try NameLookup()
    let loopback = IPAddress.v4(IPv4Address(rawValue: 0x7f00_0001))
    #expect(names.name(of: loopback) == nil)
    #expect(!names.isPending(loopback))
    names.ask(loopback)
    names.ask(loopback)
    names.wait(for: [loopback], atMost: .seconds(20))
    #expect(!names.isPending(loopback))
    #expect(names.name(of: loopback) == Resolver.name(of: ScopedAddress(address: loopback)))
  }

  @Test func whatWasNotAskedForIsNotWaitedFor() throws {
    let names = try NameLookup()
    names.wait(for: [.v4(IPv4Address(rawValue: 0xc000_0201))], atMost: .seconds(1000))
  }
}
