// libpcap can capture from the D-Bus too, and the table of its sources names these two functions. Where they are
// defined already, the linker leaves their member of libpcap.a out, and with it libdbus, which needs a libsystemd.a
// that does not exist. The signatures are those of libpcap's pcap-dbus.h.
#include <stddef.h>

struct pcap;
struct pcap_if_list;

struct pcap *dbus_create(const char *device, char *error, int *is_ours) {
  (void)device;
  (void)error;
  *is_ours = 0;
  return NULL;
}

int dbus_findalldevs(struct pcap_if_list *devices, char *error) {
  (void)devices;
  (void)error;
  return 0;
}
