extension Experiment {
  private typealias R = Reading

  static let all = arp + icmp + udp + tcp + services

  private static let arp = [
    Experiment(
      "arp-request", nearMiss: "length 60", "length 61",
      [
        R(
          filter: "arp && eth.src == 00:e0:29:2b:78:e9",
          fields: ["eth.dst", "frame.len", "arp.opcode", "arp.dst.hw_mac", "arp.dst.proto_ipv4"],
          lines: [
            "ff:ff:ff:ff:ff:ff 60 1 ff:ff:ff:ff:ff:ff 195.0.0.2", "ff:ff:ff:ff:ff:ff 60 1 00:00:00:00:00:00 195.0.0.2",
            "ff:ff:ff:ff:ff:ff 60 1 00:00:00:00:00:00 195.0.0.9",
          ]),
        R(filter: "arp", fields: ["arp.opcode"], lines: ["1", "2", "1", "2", "1"]),
      ]),
    Experiment(
      "arp-reply", nearMiss: "psrc=\"195.0.0.2\"", "psrc=\"195.0.0.3\"",
      [
        R(
          filter: "arp.opcode == 2",
          fields: [
            "eth.dst", "eth.src", "arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.hw_mac", "arp.dst.proto_ipv4",
          ],
          lines: [
            "00:e0:29:2b:78:e9 00:b0:d0:5c:5a:c1 00:b0:d0:5c:5a:c1 195.0.0.2 00:e0:29:2b:78:e9 195.0.0.4"
          ])
      ]),
    Experiment(
      "arp-counts", nearMiss: "count(a, ICMP(), last 3s) == 2", "count(a, ICMP(), last 3s) == 3",
      [
        R(
          filter: "(arp || icmp) && frame.time_relative < 3 && !(arp.dst.proto_ipv4 == 195.0.0.9)",
          fields: ["eth.type", "arp.opcode", "icmp.type"],
          lines: ["0x0806 1", "0x0806 2", "0x0800 8", "0x0800 0", "0x0800 8", "0x0800 0"]),
        R(
          filter: "arp.dst.proto_ipv4 == 195.0.0.9 || ip.dst == 195.0.0.9", fields: ["arp.opcode"],
          lines: ["1", "1", "1"]),
      ]),
    Experiment(
      "arp-proxy", nearMiss: "length 60", "length 59",
      [
        R(
          filter: "arp.opcode == 2", fields: ["arp.src.proto_ipv4", "arp.src.hw_mac"],
          lines: ["195.0.0.2 00:b0:d0:5c:5a:c1", "195.0.0.2 00:e0:29:2b:78:e3"])
      ]),
    Experiment(
      "arp-gratuitous", nearMiss: "pdst=\"0.0.0.0\"", "pdst=\"195.0.0.4\"",
      [
        R(
          filter: "arp.opcode == 1 && frame.len == 60",
          fields: ["arp.src.proto_ipv4", "arp.dst.proto_ipv4"],
          lines: ["195.0.0.4 195.0.0.4", "0.0.0.0 195.0.0.9", "0.0.0.0 195.0.0.2"])
      ]),
    Experiment(
      "arp-learn", nearMiss: "count(b, ARP(op=1, psrc=$b), last 3s) == 0", "count(b, ARP(op=1, psrc=$b), last 3s) == 1",
      [
        R(
          filter: "icmp.type == 8 && eth.dst == 02:00:00:00:00:99", fields: ["ip.dst"],
          lines: ["195.0.0.4"]),
        R(
          filter: "icmp.type == 8 && icmp.ident == 0x2001", fields: ["eth.dst"], lines: ["00:e0:29:2b:78:e9"]
        ),
      ]),
  ]

  private static let icmp = [
    Experiment(
      "icmp-echo", nearMiss: "chksum=0xfcfc", "chksum=0xfcfd",
      [
        R(
          filter: "icmp",
          fields: [
            "ip.len", "icmp.type", "icmp.code", "icmp.checksum", "icmp.checksum.status", "icmp.ident", "icmp.seq",
          ],
          lines: ["28 8 0 0xf4fc 1 257 514", "28 0 0 0xfcfc 1 257 514"])
      ]),
    Experiment(
      "icmp-limits", nearMiss: "/b\"\\x12\\x34\\x56\\x78\\x9a\\xbc\\xff\\xff\"",
      "/b\"\\x12\\x34\\x56\\x78\\x9a\\xbc\\xff\\xfe\"",
      [
        R(
          filter: "icmp.type == 8", fields: ["icmp.checksum", "icmp.checksum.status"],
          lines: Array(repeating: "0xf193 1", count: 4) + Array(repeating: "0xf193 0", count: 18) + ["0xf193 1"]),
        R(
          filter: "icmp.type == 0", fields: ["icmp.checksum", "icmp.seq"],
          lines: Array(repeating: "0xf993 514", count: 5)),
      ]),
    Experiment(
      "ping", nearMiss: "seq=0x0203", "seq=0x0205",
      [
        R(
          filter: "icmp.ident == 0x0101", fields: ["icmp.type", "icmp.seq", "frame.len"],
          lines: ["8 514 98", "0 514 98", "8 515 98", "0 515 98", "8 516 98", "0 516 98"])
      ]),
  ]

  private static let udp = [
    Experiment(
      "udp-simple", nearMiss: "chksum=0xc035", "chksum=0xc036",
      [
        R(
          filter: "udp", fields: ["udp.srcport", "udp.dstport", "udp.length", "udp.checksum", "frame.len"],
          lines: ["34611 32784 15 0xc035 49", "32784 34611 13 _ 47"])
      ]),
    Experiment(
      "udp-many", nearMiss: "\"third\"", "\"thirt\"",
      [R(filter: "udp", fields: ["udp.length"], lines: ["22", "14", "13"])]),
    Experiment(
      "udp-unplugged", nearMiss: "count(a, ARP(op=2)) == 0", "count(a, ARP(op=2)) == 1",
      [
        R(
          filter: "arp || (udp && !icmp)", fields: ["arp.opcode", "arp.dst.proto_ipv4"],
          lines: Array(repeating: "1 195.0.0.9", count: 3))
      ]),
    Experiment(
      "udp-closed", nearMiss: "code=3", "code=2",
      [
        R(
          filter: "icmp",
          fields: ["ip.src", "icmp.type", "icmp.code", "udp.srcport", "udp.dstport", "frame.len"],
          lines: ["195.0.0.2 3 3 34611 9999 77"])
      ]),
    Experiment(
      "udp-overflow", nearMiss: "12 were lost", "11 were lost",
      [R(filter: "udp", fields: ["udp.length"], lines: Array(repeating: "108", count: 20))]),
    Experiment(
      "udp-frag4600", nearMiss: "frag=370", "frag=371",
      [
        R(
          filter: "ip.src == 195.0.0.4 && ip.id == 0x11f8",
          fields: ["ip.len", "ip.frag_offset", "ip.flags.mf", "frame.len"], lines: fragments),
        R(
          filter: "ip.src == 195.0.0.2 && ip.proto == 17",
          fields: ["ip.len", "ip.frag_offset", "ip.flags.mf", "frame.len"], lines: fragments),
        R(
          filter: "ip.src == 195.0.0.2 && udp", fields: ["udp.srcport", "udp.dstport", "udp.length"],
          lines: ["32784 34611 4608"]),
      ]),
  ]

  private static let fragments = ["1500 0 1 1514", "1500 185 1 1514", "1500 370 1 1514", "188 555 0 202"]

  private static let tcp = [
    Experiment(
      "tcp-handshake", nearMiss: "ack=$mine+1", "ack=$mine+2",
      [
        R(
          filter: "tcp.flags.syn == 1 || (tcp.len == 0 && tcp.flags == 0x10 && ip.src == 195.0.0.4)",
          fields: ["tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "frame.len"],
          lines: ["0x0002 4242128594 0 58", "0x0012 _ 4242128595 58", "0x0010 4242128595 _ 54"])
      ]),
    Experiment(
      "tcp-closed", nearMiss: "window=0", "window=1",
      [
        R(
          filter: "tcp.srcport == 2049 && tcp.dstport == 1025",
          fields: ["tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value", "frame.len"],
          lines: ["0x0014 0 4242128595 0 54", "0x0004 502886625 0 0 54"])
      ]),
    Experiment(
      "tcp-close", nearMiss: "flags=\"FA\", seq=$mine+1", "flags=\"FA\", seq=$mine+2",
      [
        R(
          filter: "tcp.port == 2048", fields: ["tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "frame.len"],
          lines: [
            "0x0002 1000 0 58", "0x0012 5000 1001 58", "0x0010 1001 5001 54", "0x0011 1001 5001 54",
            "0x0010 5001 1002 54", "0x0011 5001 1002 54", "0x0010 1002 5002 54",
          ]),
        R(
          filter: "tcp.port == 13 && (tcp.flags.fin == 1 || tcp.ack_raw == 7002)",
          fields: ["ip.src", "tcp.flags"],
          lines: ["195.0.0.2 _", "195.0.0.4 0x0011", "195.0.0.2 0x0010"]),
      ]),
    Experiment(
      "tcp-half-close", nearMiss: "length 76", "length 77",
      [
        R(
          filter: "tcp", fields: ["ip.src", "tcp.flags", "tcp.len", "frame.len"],
          lines: [
            "195.0.0.4 0x0002 0 74", "195.0.0.2 0x0012 0 74", "195.0.0.4 0x0010 0 66", "195.0.0.4 0x0011 0 66",
            "195.0.0.2 0x0010 0 66", "195.0.0.2 0x0018 10 76", "195.0.0.4 0x0010 0 66", "195.0.0.2 0x0011 0 66",
            "195.0.0.4 0x0010 0 66",
          ])
      ]),
    Experiment(
      "tcp-data-after-close", nearMiss: "flags=\"R\"", "flags=\"RA\"",
      [
        R(
          filter: "tcp.len == 8 || tcp.flags.reset == 1", fields: ["ip.src", "tcp.flags", "tcp.len"],
          lines: ["195.0.0.4 0x0018 8", "195.0.0.2 0x0004 0"])
      ]),
    Experiment(
      "tcp-seqack", nearMiss: "ack=4242128695)", "ack=4242128696)",
      [
        R(
          filter: "tcp.port == 1024 && tcp.flags.reset == 0",
          fields: ["tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "frame.len"],
          lines: [
            "0x0002 4242128594 0 58", "0x0012 502886624 4242128595 58", "0x0010 4242128595 502886625 54",
            "0x0018 4242128595 502886625 154", "0x0010 502886625 4242128695 54", "0x0018 502886625 4242128695 254",
            "0x0010 4242128695 502886825 54",
          ]),
        R(
          filter: "tcp.port == 1025 && (tcp.len == 100 || tcp.ack_raw == 50)",
          fields: ["tcp.seq_raw", "tcp.ack_raw", "tcp.len"],
          lines: ["4294967246 _ 100", "_ 50 0"]),
      ]),
    Experiment(
      "tcp-urgent", nearMiss: "urgptr=1", "urgptr=0",
      [
        R(
          filter: "tcp.flags.urg == 1", fields: ["tcp.flags", "tcp.urgent_pointer", "tcp.len"],
          lines: ["0x0038 1 1", "0x0038 0 1"])
      ]),
    Experiment(
      "tcp-zero-window", nearMiss: "ack=$isn+8193, window=0", "ack=$isn+8193, window=1",
      [
        R(
          filter: "tcp.len == 1 && tcp.seq == 8193", fields: ["frame.len", "tcp.window_size_value"],
          lines: ["55 _", "55 _", "55 _"]),
        R(
          filter: "ip.src == 195.0.0.2 && tcp.ack == 8193",
          fields: ["frame.len", "tcp.flags", "tcp.window_size_value"],
          lines: Array(repeating: "54 0x0010 0", count: 4) + ["54 0x0010 8192"]),
      ]),
    Experiment(
      "tcp-seg4600", nearMiss: "len=260", "len=220",
      [
        R(
          filter: "tcp.len > 0", fields: ["ip.len", "tcp.len", "ip.flags.mf", "frame.len"],
          lines: Array(repeating: "1500 1460 0 1514", count: 3) + ["260 220 0 274"]
            + Array(repeating: "1500 1448 0 1514", count: 3) + ["308 256 0 322"])
      ]),
    Experiment(
      "tcp-unplugged", nearMiss: "within 300ms..700ms", "within 3ms..7ms",
      [
        R(
          filter: "tcp.len == 14 && tcp.time_relative < 2.5", fields: ["tcp.flags"],
          lines: Array(repeating: "0x0018", count: 4)),
        R(
          filter: "arp.opcode == 1 && eth.dst == 00:b0:d0:5c:5a:d1", fields: ["arp.dst.proto_ipv4"],
          lines: ["195.0.0.9"]),
      ]),
    Experiment(
      "telnet-like", nearMiss: "length 54", "length 55",
      [
        R(
          filter: "tcp.flags.syn == 0 && tcp.flags.reset == 0",
          fields: ["ip.len", "tcp.flags", "tcp.len"],
          lines: ["40 0x0010 0"] + (1...5).flatMap { _ in ["41 0x0018 1", "40 0x0010 0"] })
      ]),
  ]

  private static let services = [
    Experiment(
      "echo-service", nearMiss: "ack=$mine+16", "ack=$mine+15",
      [
        R(
          filter: "tcp.flags.fin == 0 && tcp.ack <= 16", fields: ["frame.len", "tcp.len"],
          lines: ["74 0", "74 0", "66 0", "81 15", "66 0", "81 15", "66 0"])
      ]),
    Experiment(
      "conversation", nearMiss: "window=227", "window=228",
      [
        R(
          filter: "tcp",
          fields: ["frame.len", "tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value", "tcp.options"],
          lines: [
            "74 268435456 0 29200 020405b40402080a000601000000000001030307",
            "74 536870912 268435457 28960 020405b40402080a0005b33e0006010001030307",
            "66 268435457 536870913 229 0101080a000601010005b33e",
            "102 536870913 268435457 227 0101080a0005b33f00060101",
            "66 268435457 536870949 229 0101080a000601010005b33f",
            "72 268435457 536870949 229 0101080a000604ad0005b33f",
            "66 536870949 268435463 227 0101080a0005b6ea000604ad",
            "74 536870949 268435463 227 0101080a0005b6ea000604ad",
            "66 268435463 536870957 229 0101080a000604ad0005b6ea",
            "66 268435463 536870957 229 0101080a000605720005b6ea",
            "80 536870957 268435464 227 0101080a0005b7b000060572",
            "66 268435464 536870971 229 0101080a000605720005b7b0",
          ])
      ]),
    Experiment(
      "listen-list", nearMiss: "flags=\"SA\", ack=1001", "flags=\"RA\", ack=1001",
      [
        R(
          filter: "ip.src == 195.0.0.2 && tcp.dstport >= 1031 && tcp.dstport <= 1033",
          fields: ["tcp.srcport", "tcp.flags"],
          lines: ["7 0x0012", "1234 0x0012", "8 0x0014", "80 0x0014", "1233 0x0014", "1235 0x0014"])
      ]),
    Experiment(
      "two-servers", nearMiss: "sport=1234", "sport=1235",
      [
        R(
          filter: "ip.src == 195.0.0.2 && tcp", fields: ["tcp.srcport", "tcp.flags"],
          lines: ["7 0x0012", "1234 0x0012"])
      ]),
    Experiment(
      "many-clients", nearMiss: "ack=2007", "ack=2008",
      [
        R(
          filter: "ip.src == 195.0.0.2 && tcp.len > 0", fields: ["ip.dst", "tcp.dstport", "tcp.len"],
          lines: ["195.0.0.4 40001 3", "195.0.0.4 40002 6", "195.0.0.3 40001 12", "195.0.0.4 40002 4"])
      ]),
  ]
}
