// swift-format-ignore-file
import SondeCraft
import SondeHeaders
import SondeOctets

/// Source as `SwiftSource` makes it, for the recipes of its tests.
enum Samples {
  static let all: [AnyPacket] = [sample0, sample1, sample2, sample3, sample4, sample5, sample6, sample7, sample8, sample9, sample10, sample11, sample12, sample13, sample14, sample15, sample16, sample17, sample18, sample19, sample20, sample21, sample22, sample23, sample24, sample25, sample26, sample27, sample28, sample29, sample30, sample31, sample32, sample33, sample34, sample35, sample36, sample37, sample38, sample39, sample40, sample41, sample42, sample43, sample44, sample45, sample46, sample47, sample48, sample49, sample50, sample51, sample52, sample53, sample54, sample55, sample56, sample57, sample58, sample59, sample60, sample61]

  private static var sample0: AnyPacket {
    let packet = Packet {
      Ethernet(from: "02:00:00:00:00:01", to: "02:00:00:00:00:02")
      IPv4(from: "192.0.2.1", to: "192.0.2.2")
      UDP(from: 1, to: 2)
      "hi"
    }
    return packet.erased
  }

  private static var sample1: AnyPacket {
    let packet = Packet {
      Ethernet(etherType: 0x88b5)
      "data"
    }
    return packet.erased
  }

  private static var sample2: AnyPacket {
    let packet = Packet {
      Ethernet(etherType: 0x0005)
      Payload(octets: [0x01, 0x02])
    }
    return packet.erased
  }

  private static var sample3: AnyPacket {
    let packet = Packet {
      Ethernet()
      VLANTag(7, priority: 3, dropEligible: true)
      VLANTag(4095)
      IPv6(to: "2001:db8::1")
      TCP()
    }
    return packet.erased
  }

  private static var sample4: AnyPacket {
    let packet = Packet {
      Ethernet()
      VLANTag(etherType: 0x1234)
      "x"
    }
    return packet.erased
  }

  private static var sample5: AnyPacket {
    let packet = Packet {
      Ethernet()
      ARP(from: "02:00:00:00:00:01", "192.0.2.1", to: "192.0.2.2")
    }
    return packet.erased
  }

  private static var sample6: AnyPacket {
    let packet = Packet {
      ARP(from: "02:00:00:00:00:01", "192.0.2.1", to: "192.0.2.2", "02:00:00:00:00:02", operation: 2)
    }
    return packet.erased
  }

  private static var sample7: AnyPacket {
    let packet = Packet {
      ARP(hardwareType: 6, protocolType: 0x1234, operation: 2, senderHardwareAddress: [0x61, 0x62], senderProtocolAddress: [0x61, 0x62, 0x63], targetHardwareAddress: [0x63, 0x64], targetProtocolAddress: [0x64, 0x65, 0x66], hardwareLength: 2, protocolLength: 3)
    }
    return packet.erased
  }

  private static var sample8: AnyPacket {
    let packet = Packet {
      ARP(protocolType: 0x86dd, senderProtocolAddress: [0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01], targetProtocolAddress: [0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02])
    }
    return packet.erased
  }

  private static var sample9: AnyPacket {
    let packet = Packet {
      LinuxCooked(packetType: 4, addressType: 1, addressLength: 6, address: 0x200000000010000)
      IPv4(to: "192.0.2.2")
      ICMPv4.echoRequest()
    }
    return packet.erased
  }

  private static var sample10: AnyPacket {
    let packet = Packet {
      LinuxCookedV2(interfaceIndex: 2, packetType: 4)
      IPv4(to: "192.0.2.2")
      ICMPv4.echoRequest()
    }
    return packet.erased
  }

  private static var sample11: AnyPacket {
    let packet = Packet {
      Loopback(family: 2)
      IPv4(to: "192.0.2.2")
      ICMPv4.echoRequest()
    }
    return packet.erased
  }

  private static var sample12: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", ttl: 1, typeOfService: 184, identification: 43981, flags: [.moreFragments, .dontFragment], fragmentOffset: 185, protocol: 99, version: 5, headerLength: 6, totalLength: 99, checksum: 0xdead)
      "say \"hi\" \\o/"
    }
    return packet.erased
  }

  private static var sample13: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", flags: .reserved)
      Payload(octets: [0x00, 0xff, 0x0a])
    }
    return packet.erased
  }

  private static var sample14: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.noOperation, .endOfList])
      UDP()
    }
    return packet.erased
  }

  private static var sample15: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.recordRoute(.init(["192.0.2.3", "0.0.0.0"], pointer: 8)), .routerAlert(1)])
      ICMPv4.echoRequest()
    }
    return packet.erased
  }

  private static var sample16: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.looseSourceRoute(.init(["192.0.2.3"]))])
      TCP()
    }
    return packet.erased
  }

  private static var sample17: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.strictSourceRoute(.init(["192.0.2.3", "192.0.2.4"]))])
      TCP()
    }
    return packet.erased
  }

  private static var sample18: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.timestamp(.init(words: [3221225993, 5], pointer: 9, overflow: 2, flag: 1))])
      TCP()
    }
    return packet.erased
  }

  private static var sample19: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.security(.init(level: 7, compartments: 8, handlingRestrictions: 9, transmissionControlCode: [0x61, 0x62, 0x63]))])
      TCP()
    }
    return packet.erased
  }

  private static var sample20: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.streamIdentifier(9), .mtuProbe(1400), .mtuReply(1300)])
      TCP()
    }
    return packet.erased
  }

  private static var sample21: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.option(kind: 18, data: [0x00, 0x01, 0x00, 0x02, 0x00, 0x03, 0xc0, 0x00, 0x02, 0x09])])
      UDP()
    }
    return packet.erased
  }

  private static var sample22: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.addressExtension(source: "192.0.2.9", destination: "192.0.2.8")])
      UDP()
    }
    return packet.erased
  }

  private static var sample23: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.directedBroadcast(["192.0.2.9"])])
      UDP()
    }
    return packet.erased
  }

  private static var sample24: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2", options: [.option(kind: 158, data: [0x61, 0x62])])
      UDP()
    }
    return packet.erased
  }

  private static var sample25: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      TCP(from: 1, to: 2, flags: [.fin, .syn, .rst, .psh, .ack, .urg, .ece, .cwr, .ae], sequenceNumber: 3, acknowledgmentNumber: 4, window: 5, urgentPointer: 6, dataOffset: 9, reserved: 7, checksum: 0xbeef)
    }
    return packet.erased
  }

  private static var sample26: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      TCP(flags: .ack, options: [.mss(1460), .noOperation, .windowScale(7), .sackPermitted, .timestamps(value: 1, echoReply: 2)])
      "x"
    }
    return packet.erased
  }

  private static var sample27: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      TCP(flags: [], options: [.sack([.init(left: 1, right: 2), .init(left: 3, right: 4)]), .endOfList])
    }
    return packet.erased
  }

  private static var sample28: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      TCP(options: [.option(kind: 254, data: [0x61, 0x62, 0x63]), .option(kind: 28, data: [0x00, 0x05])])
    }
    return packet.erased
  }

  private static var sample29: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      UDP(length: 4, checksum: 0x0000)
      "abc"
    }
    return packet.erased
  }

  private static var sample30: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      SCTP(from: 1, to: 2, verificationTag: 0x1020304, checksum: 0x0007)
      Payload(octets: [0x01])
    }
    return packet.erased
  }

  private static var sample31: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4.echoRequest(identifier: 1, sequenceNumber: 2)
      "ping"
    }
    return packet.erased
  }

  private static var sample32: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4.echoReply(identifier: 1)
    }
    return packet.erased
  }

  private static var sample33: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4.destinationUnreachable(code: 3)
      IPv4(from: "192.0.2.2", to: "192.0.2.1", ttl: 1)
      UDP(from: 1, to: 2, length: 8, checksum: 0x1234)
    }
    return packet.erased
  }

  private static var sample34: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4.destinationUnreachable(code: 4, nextHopMTU: 1400)
      Quote(cut: 28) {
        IPv4(to: "192.0.2.1")
        UDP()
        "beyond the cut"
      }
    }
    return packet.erased
  }

  private static var sample35: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4.timeExceeded(code: 1)
      Quote {
        IPv4(to: "192.0.2.1")
        TCP(options: [.mss(9)])
      }
    }
    return packet.erased
  }

  private static var sample36: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4(type: 5, code: 1, restOfHeader: 0xc0000207)
      IPv4(to: "192.0.2.1")
      ICMPv4.echoRequest(identifier: 7)
    }
    return packet.erased
  }

  private static var sample37: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4(type: 13, restOfHeader: 0x10002, numbers: [3, 4, 5])
    }
    return packet.erased
  }

  private static var sample38: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      ICMPv4(type: 12, restOfHeader: 0x14000000, checksum: 0x0001)
    }
    return packet.erased
  }

  private static var sample39: AnyPacket {
    let packet = Packet {
      IPv4(to: "192.0.2.2")
      IPv4(to: "192.0.2.3")
      IPv6(to: "2001:db8::2")
      UDP()
    }
    return packet.erased
  }

  private static var sample40: AnyPacket {
    let packet = Packet {
      IPv6(from: "2001:db8::1", to: "2001:db8::2", hopLimit: 1, trafficClass: 2, flowLabel: 3, nextHeader: 4, version: 5, payloadLength: 6)
      UDP()
    }
    return packet.erased
  }

  private static var sample41: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      IPv6HopByHop([.routerAlert(1), .padN([0x61, 0x62]), .pad1])
      UDP()
    }
    return packet.erased
  }

  private static var sample42: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      IPv6HopByHop([.jumboPayload(70000)], isPadded: false)
      UDP()
    }
    return packet.erased
  }

  private static var sample43: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      IPv6Destination([.homeAddress("2001:db8::9"), .option(type: 30, data: [0x71])], extensionLength: 3)
      TCP(checksum: 0x61c4)
    }
    return packet.erased
  }

  private static var sample44: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      IPv6Routing(type: 0, .addresses(["2001:db8::3", "2001:db8::4"], reserved: 5), segmentsLeft: 1)
      UDP()
    }
    return packet.erased
  }

  private static var sample45: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      IPv6Routing(type: 2, .addresses(["2001:db8::3"], reserved: 0))
      UDP()
    }
    return packet.erased
  }

  private static var sample46: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      IPv6Routing(type: 4, .segments(.init(["2001:db8::3", "2001:db8::4"], objects: [.padN([0x61]), .pad1, .object(type: 1, value: [])], tag: 7)))
      UDP()
    }
    return packet.erased
  }

  private static var sample47: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      IPv6Fragment(offset: 3, more: true, identification: 7, reserved: 1, reservedBits: 2)
      "rest"
    }
    return packet.erased
  }

  private static var sample48: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      ICMPv6.echoRequest(identifier: 1, sequenceNumber: 2)
      "ping"
    }
    return packet.erased
  }

  private static var sample49: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      ICMPv6.echoReply()
    }
    return packet.erased
  }

  private static var sample50: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      ICMPv6.destinationUnreachable(code: 4)
      IPv6(to: "2001:db8::1")
      UDP(length: 8)
    }
    return packet.erased
  }

  private static var sample51: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      ICMPv6.packetTooBig(mtu: 1300)
      IPv6(to: "2001:db8::1")
      IPv6Fragment()
      TCP()
    }
    return packet.erased
  }

  private static var sample52: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      ICMPv6.timeExceeded(code: 1)
      IPv6(to: "2001:db8::1")
      ICMPv6.echoRequest(identifier: 3)
    }
    return packet.erased
  }

  private static var sample53: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      ICMPv6(type: 4, code: 1, restOfHeader: 0x0028)
      IPv6(to: "2001:db8::1")
      UDP()
    }
    return packet.erased
  }

  private static var sample54: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2", hopLimit: 255)
      ICMPv6.routerSolicitation()
      NeighborDiscoveryOption.sourceLinkLayerAddress("02:00:00:00:00:01")
    }
    return packet.erased
  }

  private static var sample55: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2", hopLimit: 255)
      ICMPv6(type: 134, restOfHeader: 0x40c80009, body: [0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x07])
      NeighborDiscoveryOption(type: 3, content: [0x40, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00])
      NeighborDiscoveryOption(type: 5, content: [0x00, 0x00, 0x00, 0x00, 0x05, 0x78])
      NeighborDiscoveryOption(type: 25, content: [0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x53])
      NeighborDiscoveryOption(type: 31, content: [0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00, 0x00, 0x00, 0x00])
      NeighborDiscoveryOption(type: 24, content: [0x30, 0x00, 0xff, 0xff, 0xff, 0xff, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00])
    }
    return packet.erased
  }

  private static var sample56: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2", hopLimit: 255)
      ICMPv6(type: 135, body: [0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02])
      NeighborDiscoveryOption(type: 200, content: [0x61, 0x62, 0x63, 0x64, 0x65, 0x66], length: 8)
    }
    return packet.erased
  }

  private static var sample57: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2", hopLimit: 255)
      ICMPv6(type: 136, restOfHeader: 0x60000000, body: [0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02])
      NeighborDiscoveryOption.targetLinkLayerAddress("02:00:00:00:00:01")
    }
    return packet.erased
  }

  private static var sample58: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2", hopLimit: 255)
      ICMPv6(type: 137, body: [0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03])
      NeighborDiscoveryOption(type: 4, content: [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38])
    }
    return packet.erased
  }

  private static var sample59: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      ICMPv6(type: 131, restOfHeader: 0x61626364)
      "efgh"
    }
    return packet.erased
  }

  private static var sample60: AnyPacket {
    let packet = Packet {
      IPv6(to: "2001:db8::2")
      UDP(checksum: 0x0000)
      "abc"
      Trailer(octets: [0x00, 0x00])
    }
    return packet.erased
  }

  private static var sample61: AnyPacket {
    let packet = Packet {
      Payload(octets: [])
    }
    return packet.erased
  }
}
