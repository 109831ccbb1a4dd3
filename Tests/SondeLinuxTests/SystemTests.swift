import CLinuxNet
import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

@Suite struct SystemTests {
  @Test func writtenAddressesNeedNoLookup() throws {
    #expect(try Resolver.resolve("192.0.2.7") == [ScopedAddress(address: .v4("192.0.2.7"))])
    #expect(try Resolver.resolve("2001:DB8::7").first?.description == "2001:db8::7")
    #expect(try Resolver.written("192.0.2.7.example") == nil)
    #expect(try Resolver.written("192.0.2.7%lo") == nil, "IPv4 has no zones")
  }

  @Test func theOtherFamilysAddressIsRefused() {
    #expect(refusal { _ = try Resolver.resolve("192.0.2.7", .ipv6) }?.message.contains("IPv6") == true)
    #expect(refusal { _ = try Resolver.resolve("2001:db8::7", .ipv4) }?.message.contains("IPv4") == true)
  }

  @Test func localhostComesFromTheFiles() throws {
    let addresses = try Resolver.resolve("localhost", .ipv4)
    #expect(addresses.map(\.address) == [.v4("127.0.0.1")])
    #expect(Resolver.name(of: ScopedAddress(address: .v4("127.0.0.1"))) != nil)
  }

  @Test func clocksGoForward() {
    let first = Clock.monotonic
    #expect(Clock.monotonic >= first)
    #expect(Clock.wall > 1_700_000_000_000_000_000)
  }

  @Test func randomOctetsDiffer() {
    #expect(System.randomOctets(16) != System.randomOctets(16))
    #expect(System.randomOctets(0).isEmpty && System.randomOctets(300).count == 300)
    #expect((0..<64).contains { _ in System.random(UInt16.self) > 255 })
  }

  @Test func everyDoorHasAStatusAndEveryClosedOneAReason() {
    let doors = Doctor.doors()
    #expect(doors.map(\.name).contains("datagram IPv4") && doors.map(\.name).contains("cooked"))
    for door in doors { #expect(!door.why.isEmpty && door.fix.isEmpty == door.isOpen, "\(door)") }
  }

  @Test func signalsAreRememberedOnceAndWakeTheirInterrupter() throws {
    let interrupter = try Interrupter()
    let signals = try Signals.watch([.quit], waking: interrupter)
    #expect(signals.take().isEmpty)
    var watched = clinux_poll(fd: interrupter.descriptor.number, events: KernelNumber.pollIn, revents: 0)
    #expect(unsafe clinux_poll(&watched, 1, 0) == 0)
    raiseQuit()
    #expect(unsafe clinux_poll(&watched, 1, 0) == 1)
    #expect(signals.take() == [.quit])
    #expect(signals.take().isEmpty)
  }
}

/// What a user without the privilege is told.
@Suite(.wire) struct RefusalWireTests {
  @Test func aClosedDatagramDoorFallsBackToTheRawOne() throws {
    try WireNetwork.run { network in
      try network.sh("echo '1 0' > /proc/sys/net/ipv4/ping_group_range")
      let ranking = [SendPlan(door: .datagram, ear: .datagram), SendPlan(door: .raw, ear: .icmp)]
      let openings = try Openings.open([.ipv4: ranking, .ipv6: ranking])
      #expect(openings.plans == [.ipv4: ranking[1], .ipv6: ranking[1]])
      let error = refusal { _ = try Openings.open([.ipv4: [ranking[0]]]) }
      #expect(error?.message.contains(#"sudo sysctl -w net.ipv4.ping_group_range="0 2147483647""#) == true)
      let closed = Doctor.doors().filter { !$0.isOpen }
      #expect(closed.map(\.name) == ["datagram IPv4", "datagram IPv6"])
    }
  }

  @Test func withoutCapabilitiesTheRawDoorSaysWhatWouldOpenIt() throws {
    let message = try OwnThread.run {
      try Privileges.drop()
      return refusal { _ = try Openings.open([.ipv4: [SendPlan(door: .raw, ear: .icmp)]]) }?.message ?? ""
    }
    #expect(message.contains("sudo setcap cap_net_raw+ep /"))
  }
}
