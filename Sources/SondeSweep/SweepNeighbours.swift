public import SondeLink
public import SondeOctets

/// Where the packets of a sweep go first: what routing says of each stretch of addresses, and the link addresses of
/// routers and of hosts on the link, found out on the way.
public struct SweepNeighbours<News: NeighbourNews & ~Copyable>: ~Copyable, SweepHops {
  public var book: NeighbourBook
  private var news: News

  /// - Parameter news: where answers come in; it hears some only if the book asks hosts.
  public init(_ book: NeighbourBook, hearing news: consuming News) {
    self.book = book
    self.news = news
  }

  @inline(__always)
  public mutating func hop(to address: IPAddress, at now: Instant) -> HopStanding { book.hop(to: address, at: now) }

  public mutating func attend(_ batch: inout PacketBatch, room: Int, at now: Instant) -> Instant {
    Self.hear(&book, &news, at: now)
    let most = min(batch.count + room, batch.capacity)
    while batch.count < most, book.writeRequest(at: now, { batch.append($0, to: $1) }) {}
    return book.due
  }

  private static func hear(_ book: inout NeighbourBook, _ news: inout News, at now: Instant) {
    news.drain { book.hear($0, etherType: $1, interface: $2, at: now) }
    book.readTable(at: now) { news.known($0, interface: $1) }
  }
}
