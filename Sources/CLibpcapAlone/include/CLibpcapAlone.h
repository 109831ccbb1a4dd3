// Lets a static executable hold libpcap's filter compiler without the D-Bus library; nothing is called from here.
#ifndef CLIBPCAPALONE_H
#define CLIBPCAPALONE_H

#endif
