public import SondeOctets

/// The computed checksums of a template, and how they follow patches.
@frozen
@usableFromInline
struct TemplateSums: Sendable {
  /// As many as there are bits in a `PatchCover`.
  static let capacity = 8

  /// Innermost first, so that a sum comes before those that cover its checksum. They lie in the
  /// template itself: an array would be asked at every patch whether it is shared.
  @usableFromInline var sums: InlineArray<8, TemplateSum>
  /// The sums that are still computed, a bit each.
  @usableFromInline var computed: UInt8
  /// The sums that have changed since their checksums were written, a bit each.
  @usableFromInline var stale: UInt8 = 0

  init(_ sums: [TemplateSum]) {
    self.sums = InlineArray { $0 < sums.count ? sums[$0] : TemplateSum() }
    computed = UInt8(truncatingIfNeeded: 1 << sums.count - 1)
  }

  /// Writes a field's bits, and corrects the sums that it reaches; their checksums stay as they are until `seal`.
  @inlinable @inline(__always)
  mutating func write<Value: PatchValue>(_ field: PatchField<Value>, to bits: Value.Bits, in octets: inout [UInt8]) {
    precondition(bits <= field.maximum, "the value does not fit the field's bits")
    octets.withMutableBytes { bytes in
      let old: Value.Bits = bytes.bigEndian(at: field.offset)
      let new = old & ~field.mask | bits &<< Value.Bits(truncatingIfNeeded: field.shift)
      bytes.store(bigEndian: new, at: field.offset)
      if field.cover.overwritten | field.cover.lengths != 0 {
        adopt(field.cover, length: UInt64(truncatingIfNeeded: bits), in: &bytes)
      }
      add(
        field.cover, even: TemplateSum.words(new) &- TemplateSum.words(old),
        odd: TemplateSum.swappedWords(new) &- TemplateSum.swappedWords(old))
    }
  }

  /// Writes a run of octets, and corrects the sums that it reaches.
  mutating func patch(_ run: PatchRun, to new: [UInt8], in octets: inout [UInt8]) {
    octets.withMutableBytes { bytes in
      // What the octets at the run's even and odd places have grown by, modulo 2^64.
      var grown: (even: UInt64, odd: UInt64) = (0, 0)
      for (place, octet) in new.enumerated() {
        let offset = run.range.lowerBound + place
        let difference = UInt64(octet) &- UInt64(bytes.bigEndian(at: offset, as: UInt8.self))
        if place & 1 == 0 { grown.even &+= difference } else { grown.odd &+= difference }
        bytes.store(bigEndian: octet, at: offset)
      }
      computed &= ~run.cover.overwritten
      correct(
        run.cover, even: grown.even &<< 8 &+ grown.odd, odd: grown.odd &<< 8 &+ grown.even, in: &bytes)
    }
  }

  /// Adds the difference that a change of octets makes to the sums it reaches, and writes their checksums.
  mutating func correct(_ cover: PatchCover, even: UInt64, odd: UInt64, in bytes: inout MutableRawSpan) {
    add(cover, even: even, odd: odd)
    seal(&bytes)
  }

  /// Adds the difference that a change of octets makes to the sums it reaches.
  @inlinable @inline(__always)
  mutating func add(_ cover: PatchCover, even: UInt64, odd: UInt64) {
    var rest = (cover.even | cover.odd) & computed
    stale |= rest
    while rest != 0 {
      let index = rest.trailingZeroBitCount
      let bit = rest & (0 &- rest)
      rest ^= bit
      if cover.even & bit != 0 { sums[index].total &+= even } else { sums[index].total &+= odd }
    }
  }

  /// Writes the checksums of the sums that have changed, and those that cover these in turn.
  @inlinable @inline(__always)
  mutating func seal(_ bytes: inout MutableRawSpan) {
    var rest = stale & computed
    stale = 0
    while rest != 0 {
      let index = rest.trailingZeroBitCount
      rest &= rest &- 1
      if sums[index].cover.even | sums[index].cover.odd == 0 {
        bytes.store(bigEndian: sums[index].checksum, at: sums[index].offset)
      } else {
        rest |= pass(index, in: &bytes) & computed
      }
    }
  }

  /// Writes a checksum that other sums cover, and tells them; the answer is which.
  @usableFromInline
  mutating func pass(_ index: Int, in bytes: inout MutableRawSpan) -> UInt8 {
    let (offset, cover, new) = (sums[index].offset, sums[index].cover, sums[index].checksum)
    let old: UInt16 = bytes.bigEndian(at: offset)
    bytes.store(bigEndian: new, at: offset)
    for above in sums.indices {
      if cover.even >> UInt8(above) & 1 == 1 {
        sums[above].total &+= TemplateSum.words(new) &- TemplateSum.words(old)
      } else if cover.odd >> UInt8(above) & 1 == 1 {
        sums[above].total &+= TemplateSum.swappedWords(new) &- TemplateSum.swappedWords(old)
      }
    }
    return cover.even | cover.odd
  }

  /// What only patches of checksums and lengths do: a checksum is set from now on, and a length that
  /// a receiver will believe goes into pseudo-headers.
  @usableFromInline
  mutating func adopt(_ cover: PatchCover, length: UInt64, in bytes: inout MutableRawSpan) {
    computed &= ~cover.overwritten
    let base = UInt64(cover.lengthBase)
    let length = UInt32(truncatingIfNeeded: length > base ? length - base : 0)
    for index in sums.indices where cover.lengths >> UInt8(index) & 1 == 1 {
      let old = sums[index].pseudoLength
      sums[index].pseudoLength = length
      var reached = PatchCover()
      reached.even = 1 << UInt8(index)
      correct(reached, even: TemplateSum.words(length) &- TemplateSum.words(old), odd: 0, in: &bytes)
    }
  }
}
