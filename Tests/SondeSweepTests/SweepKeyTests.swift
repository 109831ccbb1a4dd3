import SondeOctets
import Testing

@testable import SondeSweep

@Suite struct SweepKeyTests {
  /// Key 00 to 0f, message 00 to n-1, the octets of the hash in order: the reference vectors of the SipHash paper,
  /// as `openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:8 SIPHASH` gives them.
  private static let vectors: [(count: Int, hash: UInt64)] = [
    (0, 0x310e_0edd_47db_6f72), (1, 0xfd67_dc93_c539_f874), (7, 0x37d1_018b_f500_02ab), (8, 0x6224_939a_79f5_f593),
    (9, 0xb0e4_a90b_df82_009e), (15, 0xe545_be49_61ca_29a1), (16, 0xdb9b_c257_7fcc_2a3f),
    (17, 0x9447_be2c_f5e9_9a69), (31, 0x42c3_41d8_fa92_d832), (32, 0xce7c_f272_2f51_2771), (63, 0x7245_06eb_4c32_8a95),
  ]
  private static let key = SweepKey(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)

  @Test(arguments: vectors) func hashIsThatOfTheReference(_ count: Int, _ hash: UInt64) {
    let message = (0..<count).map { UInt8($0) }
    #expect(Self.key.hash(message.rawSpan) == hash.byteSwapped)
  }

  @Test func proofIsTheHashOfAddressPortAndProtocol() throws {
    let ipv4 = SweepTarget(address: .v4("192.0.2.7"), port: 0x1f90)
    let octets: [UInt8] = [6, 0, 0x90, 0x1f, 7, 2, 0, 192]
    #expect(Self.key.proof(of: ipv4, protocol: 6) == Self.key.hash(octets.rawSpan))
    let ipv6 = SweepTarget(address: .v6("2001:db8::7"), port: 0x1f90)
    let long: [UInt8] = [0, 0, 0, 0, 0xb8, 0x0d, 1, 0x20, 7, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0x90, 0x1f, 0, 0, 0, 0]
    #expect(Self.key.proof(of: ipv6, protocol: 17) == Self.key.hash(long.rawSpan))
  }

  @Test func everythingOfAQuestionCounts() {
    let target = SweepTarget(address: .v4("192.0.2.7"), port: 80)
    let proof = Self.key.proof(of: target, protocol: 6)
    #expect(Self.key.proof(of: target, protocol: 17) != proof)
    #expect(Self.key.proof(of: SweepTarget(address: .v4("192.0.2.8"), port: 80), protocol: 6) != proof)
    #expect(Self.key.proof(of: SweepTarget(address: .v4("192.0.2.7"), port: 81), protocol: 6) != proof)
    #expect(SweepKey(Self.key.first ^ 1, Self.key.last).proof(of: target, protocol: 6) != proof)
  }
}
