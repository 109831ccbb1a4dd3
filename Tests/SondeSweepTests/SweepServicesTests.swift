import SondeOctets
import Testing

@testable import SondeSweep

@Suite struct SweepServicesTests {
  @Test func dump() { for choice in SweepPayloads.services.choices.dropFirst() { print("SERVICE", choice.ports, Hex.text(choice.octets)) } }
}
