public import SondeHeaders
public import SondeOctets

/// A crafted packet whose fields are patched together with the checksums over them, for bulk work.
///
/// The packet is encoded once; a patch writes one field and corrects by RFC 1624's difference each
/// checksum that was computed: those of its own header, of the headers around it, and of a transport
/// header whose pseudo-header it belongs to. The result is the packet that would be encoded with that
/// field changed. A checksum set by hand, in the packet or by a patch, is left alone.
///
///     var template = try PacketTemplate(packet)
///     let port = try template.field("destinationPort", of: UDP.self, as: UInt16.self)
///     for number in 1...1024 as ClosedRange<UInt16> {
///       template[port] = number
///       template.withBytes { send($0) }
///     }
public struct PacketTemplate: Sendable {
  @usableFromInline var octets: [UInt8]
  /// Innermost first, so that a sum comes before those that cover its checksum.
  @usableFromInline var sums: [TemplateSum]
  /// The sums that are still computed, a bit each.
  @usableFromInline var computed: UInt64
  let layout: TemplateLayout

  /// A template of a packet.
  ///
  /// - Throws: `TemplateError` where the packet does not encode, or has more than 64 checksums.
  public init(_ packet: Packet<some LayerStack>) throws(TemplateError) {
    do throws(CraftError) {
      octets = try packet.encoded().bytes
    } catch {
      throw .unencodable(error)
    }
    layout = TemplateLayout(LayerList(erasing: packet.layers).layers)
    sums = layout.sums(over: octets)
    guard sums.count <= 64 else { throw .tooManySums(count: sums.count) }
    computed = sums.isEmpty ? 0 : UInt64.max >> UInt64(64 - sums.count)
  }

  /// The packet's length in octets.
  @inlinable
  public var byteCount: Int { octets.count }

  /// The packet's bytes as they are now, borrowed.
  @inlinable
  public var bytes: RawSpan {
    @_lifetime(borrow self) get { octets.bytes }
  }

  /// Lends the packet's bytes as they are now.
  @inlinable
  public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try body(octets.bytes) }

  /// A copy of the packet's bytes as they are now.
  public var emission: Emission { Emission(bytes: octets) }

  /// A field's value; setting it is `patch`.
  @inlinable
  public subscript<Value: PatchValue>(field: PatchField<Value>) -> Value {
    get {
      let window: Value.Bits = octets.bytes.bigEndian(at: field.offset)
      return Value(patchBits: (window & field.mask) &>> Value.Bits(truncatingIfNeeded: field.shift))
    }
    set { patch(field, to: newValue) }
  }

  /// Writes a field, and corrects every computed checksum that it counts in.
  ///
  /// A value of more than `field.maximum` is a programmer's error and stops the program; a field as wide
  /// as its type has none.
  @inlinable
  public mutating func patch<Value: PatchValue>(_ field: PatchField<Value>, to value: Value) {
    let bits = value.patchBits
    precondition(bits <= field.maximum, "the value does not fit the field's bits")
    let (old, new) = octets.withMutableBytes { bytes in
      let old: Value.Bits = bytes.bigEndian(at: field.offset)
      let new = old & ~field.mask | bits &<< Value.Bits(truncatingIfNeeded: field.shift)
      bytes.store(bigEndian: new, at: field.offset)
      return (old, new)
    }
    if field.cover.overwritten | field.cover.lengths != 0 {
      adopt(field.cover, length: UInt64(truncatingIfNeeded: bits))
    }
    correct(
      field.cover, even: TemplateSum.words(new) &- TemplateSum.words(old),
      odd: TemplateSum.swappedWords(new) &- TemplateSum.swappedWords(old))
  }

  /// Writes a run of octets, and corrects every computed checksum that they count in.
  ///
  /// `new` has as many octets as the run.
  public mutating func patch(_ run: PatchRun, to new: [UInt8]) {
    precondition(new.count == run.range.count, "a run is patched by as many octets as it has")
    let even = TemplateSum.words(of: new, new.indices) &- TemplateSum.words(of: octets, run.range)
    var odd = TemplateSum.words(of: new, new.indices, isOdd: true)
    odd &-= TemplateSum.words(of: octets, run.range, isOdd: true)
    octets.replaceSubrange(run.range, with: new)
    computed &= ~run.cover.overwritten
    correct(run.cover, even: even, odd: odd)
  }

  /// Adds the difference that a change of octets makes to the sums it reaches, and to those that cover
  /// their checksums in turn.
  @inlinable
  mutating func correct(_ cover: PatchCover, even: UInt64, odd: UInt64) {
    var rest = (cover.even | cover.odd) & computed
    while rest != 0 {
      let index = rest.trailingZeroBitCount
      let bit: UInt64 = rest & (0 &- rest)
      rest ^= bit
      if cover.even & bit != 0 {
        sums[index].total &+= even
      } else if cover.odd & bit != 0 {
        sums[index].total &+= odd
      }
      let (offset, checksum) = (sums[index].offset, sums[index].checksum)
      guard sums[index].cover.even | sums[index].cover.odd != 0 else {
        octets.withMutableBytes { $0.store(bigEndian: checksum, at: offset) }
        continue
      }
      rest |= pass(index, checksum) & computed
    }
  }

  /// Writes a checksum that other sums cover, and tells them; the answer is which.
  @usableFromInline
  mutating func pass(_ index: Int, _ checksum: UInt16) -> UInt64 {
    let (offset, cover) = (sums[index].offset, sums[index].cover)
    let old: UInt16 = octets.bytes.bigEndian(at: offset)
    octets.withMutableBytes { $0.store(bigEndian: checksum, at: offset) }
    for above in sums.indices {
      if cover.even >> UInt64(above) & 1 == 1 {
        sums[above].total &+= TemplateSum.words(checksum) &- TemplateSum.words(old)
      } else if cover.odd >> UInt64(above) & 1 == 1 {
        sums[above].total &+= TemplateSum.swappedWords(checksum) &- TemplateSum.swappedWords(old)
      }
    }
    return cover.even | cover.odd
  }

  /// What only patches of checksums and lengths do: a checksum is set from now on, and a length that
  /// a receiver will believe goes into pseudo-headers.
  @usableFromInline
  mutating func adopt(_ cover: PatchCover, length: UInt64) {
    computed &= ~cover.overwritten
    guard cover.lengths != 0 else { return }
    let length = UInt32(truncatingIfNeeded: length > cover.lengthBase ? length - cover.lengthBase : 0)
    for index in sums.indices where cover.lengths >> UInt64(index) & 1 == 1 {
      let old = sums[index].pseudoLength
      sums[index].pseudoLength = length
      var reached = PatchCover()
      reached.even = 1 << UInt64(index)
      correct(reached, even: TemplateSum.words(length) &- TemplateSum.words(old), odd: 0)
    }
  }
}
