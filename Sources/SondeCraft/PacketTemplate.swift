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
  @usableFromInline var sums: TemplateSums
  let layout: TemplateLayout

  /// A template of a packet.
  ///
  /// - Throws: `TemplateError` where the packet does not encode, or has more than eight checksums.
  public init(_ packet: Packet<some LayerStack>) throws(TemplateError) {
    do throws(CraftError) {
      octets = try packet.encoded().bytes
    } catch {
      throw .unencodable(error)
    }
    layout = TemplateLayout(LayerList(erasing: packet.layers).layers)
    let sums = layout.sums(over: octets)
    guard sums.count <= TemplateSums.capacity else { throw .tooManySums(count: sums.count) }
    self.sums = TemplateSums(sums)
  }

  /// The packet's length in octets.
  @inlinable
  public var byteCount: Int { octets.count }

  /// The packet's bytes as they are now, borrowed.
  @inlinable
  public var bytes: RawSpan {
    @_lifetime(borrow self) get { octets.rawSpan }
  }

  /// Lends the packet's bytes as they are now.
  @inlinable
  public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try body(octets.rawSpan) }

  /// A copy of the packet's bytes as they are now.
  public var emission: Emission { Emission(bytes: octets) }

  /// A field's value; setting it is `patch`.
  @inlinable
  public subscript<Value: PatchValue>(field: PatchField<Value>) -> Value {
    get {
      let window: Value.Bits = octets.rawSpan.bigEndian(at: field.offset)
      return Value(patchBits: (window & field.mask) &>> Value.Bits(truncatingIfNeeded: field.shift))
    }
    @inline(__always) set { patch(field, to: newValue) }
  }

  /// Writes a field, and corrects every computed checksum that it counts in.
  ///
  /// A value of more than `field.maximum` is a programmer's error and stops the program; a field as wide
  /// as its type has none.
  @inlinable @inline(__always)
  public mutating func patch<Value: PatchValue>(_ field: PatchField<Value>, to value: Value) {
    write(field, to: value)
    seal()
  }

  /// Writes a field as `patch` does, but for the checksums: they stay as they are until `seal`.
  ///
  /// It is for several fields that are patched together, the checksums over which are then computed once.
  @inlinable @inline(__always)
  public mutating func write<Value: PatchValue>(_ field: PatchField<Value>, to value: Value) {
    sums.write(field, to: value.patchBits, in: &octets)
  }

  /// Corrects every computed checksum in which fields count that were written since the last patch.
  @inlinable @inline(__always)
  public mutating func seal() {
    octets.withMutableBytes { sums.seal(&$0) }
  }

  /// Writes a run of octets, and corrects every computed checksum that they count in.
  ///
  /// `new` has as many octets as the run.
  public mutating func patch(_ run: PatchRun, to new: [UInt8]) {
    precondition(new.count == run.range.count, "a run is patched by as many octets as it has")
    sums.patch(run, to: new, in: &octets)
  }
}
