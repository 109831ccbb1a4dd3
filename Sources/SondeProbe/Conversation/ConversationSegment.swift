public import SondeHeaders

extension Conversation {
  /// A segment to be sent: its header may be changed by hand before it is encoded.
  public struct Segment: Hashable, Sendable {
    /// Ports, numbers, flags, window and options; data offset and checksum are left to the encoding.
    public var header: TCP
    public var payload: [UInt8]
    /// Where the payload stands in the stream to the peer: octets counted from 0, the first that was written.
    public var place: Range<UInt64>
    public var purpose: Purpose

    /// Why a segment is sent.
    public enum Purpose: String, Hashable, Sendable {
      /// SYN or SYN-ACK.
      case opening
      /// Data, with or without a FIN.
      case data
      /// A FIN without data.
      case finish
      /// An acknowledgment alone, or a changed window.
      case acknowledgment
      /// A question whether a closed window has opened.
      case probe
      /// What was sent before, and not acknowledged.
      case retransmission
      /// An acknowledgment that asks the sender of a doubtful segment to prove itself (RFC 5961).
      case challenge
      case reset
    }
  }
}
