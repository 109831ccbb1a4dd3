import LabSupport

// Ports: what is open, what is closed, and how each says so.
extension Situation {
  static let openAndClosed: [Situation] = Family.both.flatMap { family in
    [
      Situation(
        "\(family) tcp: open", "probe \(family.target(2)) -p 7 --retries 0",
        says: [.answer("open", by: "tcp-syn-ack", from: family.target(2), why: "SYN-ACK")],
        summary: ["sent": 1, "answered": 1],
        because: "A listener answers a SYN by SYN and ACK (RFC 9293 §3.5)."),
    ]
  }
}
