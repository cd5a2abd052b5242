/*
 * frames IFACE - sends and receives whole Ethernet frames.
 *
 * Reads lines from standard input: a frame as hex digits (sent, then answered by "sent"), or "sync" (answered by "synced" after
 * everything that has arrived is printed). Prints "rx HEX" for each frame that arrives and "ready" when it listens. What we send is not
 * received. Ends at the end of input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536

static void stop(const char *what) {
  perror(what);
  exit(1);
}

static int open_port(const char *name) {
  int on = 1, room = 8 << 20;
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  int port = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (port < 0) stop("socket");
  address.sll_ifindex = (int)if_nametoindex(name);
  if (address.sll_ifindex == 0) stop(name);
  if (setsockopt(port, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on)) stop("PACKET_IGNORE_OUTGOING");
  if (setsockopt(port, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on)) stop("PACKET_AUXDATA");
  if (setsockopt(port, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room)) stop("SO_RCVBUFFORCE");
  if (bind(port, (struct sockaddr *)&address, sizeof address)) stop("bind");
  return port;
}

/* The kernel takes a VLAN tag out of the frame and hands it over beside it: it is put back. */
static ssize_t put_tag_back(unsigned char *frame, ssize_t length, struct msghdr *message) {
  for (struct cmsghdr *extra = CMSG_FIRSTHDR(message); extra; extra = CMSG_NXTHDR(message, extra)) {
    struct tpacket_auxdata data;
    if (extra->cmsg_level != SOL_PACKET || extra->cmsg_type != PACKET_AUXDATA) continue;
    memcpy(&data, CMSG_DATA(extra), sizeof data);
    if (!(data.tp_status & TP_STATUS_VLAN_VALID) || length < 12) continue;
    int type = data.tp_status & TP_STATUS_VLAN_TPID_VALID ? data.tp_vlan_tpid : ETH_P_8021Q;
    memmove(frame + 16, frame + 12, (size_t)length - 12);
    frame[12] = (unsigned char)(type >> 8);
    frame[13] = (unsigned char)type;
    frame[14] = (unsigned char)(data.tp_vlan_tci >> 8);
    frame[15] = (unsigned char)data.tp_vlan_tci;
    return length + 4;
  }
  return length;
}

static void print_arrived(int port) {
  static unsigned char frame[MOST + 4];
  char control[256];
  struct iovec room = {frame, MOST};
  for (;;) {
    struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(port, &message, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length < 0) stop("recvmsg");
    length = put_tag_back(frame, length, &message);
    fputs("rx ", stdout);
    for (ssize_t at = 0; at < length; at++) printf("%02x", frame[at]);
    putchar('\n');
  }
}

static void send_line(int port, const char *line, size_t digits) {
  static unsigned char frame[MOST];
  size_t length = 0;
  for (size_t at = 0; at + 1 < digits && length < MOST; at += 2) {
    unsigned byte;
    if (sscanf(line + at, "%2x", &byte) != 1) {
      fprintf(stderr, "not hex: %s\n", line);
      exit(2);
    }
    frame[length++] = (unsigned char)byte;
  }
  if (send(port, frame, length, 0) != (ssize_t)length) stop("send");
  puts("sent");
}

int main(int count, char **arguments) {
  static char input[4 * MOST];
  size_t filled = 0;
  if (count != 2) return fprintf(stderr, "usage: frames IFACE\n"), 2;
  int port = open_port(arguments[1]);
  struct pollfd sources[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = port, .events = POLLIN}};
  puts("ready");
  for (;;) {
    fflush(stdout);
    if (poll(sources, 2, -1) < 0 && errno != EINTR) stop("poll");
    print_arrived(port);
    if (!(sources[0].revents & (POLLIN | POLLHUP))) continue;
    ssize_t more = read(STDIN_FILENO, input + filled, sizeof input - filled);
    if (more <= 0) return fflush(stdout), more < 0;
    filled += (size_t)more;
    char *line = input, *end;
    while ((end = memchr(line, '\n', filled - (size_t)(line - input)))) {
      *end = 0;
      if (strcmp(line, "sync")) send_line(port, line, (size_t)(end - line));
      else print_arrived(port), puts("synced");
      line = end + 1;
    }
    filled -= (size_t)(line - input);
    memmove(input, line, filled);
  }
}
