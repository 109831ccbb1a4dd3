import SondeOctets
import Testing

@testable import SondeSweep

/// Runs of ports and of addresses, one host and one port are numbered without a table; whatever the way, the numbers
/// are the same.
@Suite struct SweepSpaceWayTests {
  private static let first: UInt128 = 0xc000_0200
  private static let run = AddressRanges([first...first + 6])
  private static let pieces = AddressRanges([first...first + 2, first + 5...first + 8])

  @Test(
    arguments: [
      (AddressRanges([first...first]), Array(1...300)), (AddressRanges([first...first]), [9, 7, 8]),
      (run, [80]), (run, Array(65_530...65_535)), (run, [1, 2, 4]), (pieces, [80]), (pieces, [5, 6, 7]),
      (pieces, [443, 80]),
    ] as [(AddressRanges, [UInt16])])
  func everyNumberIsThatOfItsHostAndItsPort(addresses: AddressRanges, ports: [UInt16]) throws {
    let space = try #require(SweepSpace(ipv4: addresses, ports: ports))
    var number: UInt64 = 0
    for host in addresses.ranges.joined() {
      for port in ports {
        let target = SweepTarget(address: .v4(IPv4Address(rawValue: UInt32(host))), port: port)
        #expect(space.target(at: number) == target)
        #expect(space.number(of: target) == number)
        number += 1
      }
    }
    #expect(space.count == number)
  }

  @Test(arguments: [run, pieces])
  func whatStandsBesideARunHasNoNumber(addresses: AddressRanges) throws {
    let space = try #require(SweepSpace(ipv4: addresses, ports: [5, 6, 7]))
    let last = try #require(addresses.ranges.last?.upperBound)
    let host = UInt32(Self.first)
    for address in [host - 1, UInt32(last) + 1, 0, .max] {
      #expect(space.number(of: SweepTarget(address: .v4(IPv4Address(rawValue: address)), port: 6)) == nil)
    }
    for port in [0, 4, 8, 65_535] as [UInt16] {
      #expect(space.number(of: SweepTarget(address: .v4(IPv4Address(rawValue: host)), port: port)) == nil)
    }
  }

  @Test(arguments: [Shard.whole, Shard(index: 1, of: 3)])
  func whatIsForeseenIsWhatTheOrderSays(shard: Shard) {
    let order = SweepOrder(total: 1000, seed: 7, shard: shard)
    var foresight = SweepForesight(order)
    for place in 0..<order.count { #expect(foresight.number(at: place) == order.number(at: place)) }
    for place in [order.count - 1, 0, 70, 3, 69] { #expect(foresight.number(at: place) == order.number(at: place)) }
  }
}
