@_exported public import SondeOctets
@_exported public import SondeHeaders
@_exported public import SondeCapture
@_exported public import SondeCraft
