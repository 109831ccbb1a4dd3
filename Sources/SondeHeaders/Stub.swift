internal import SondeOctets
