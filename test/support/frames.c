/*
 * frames IFACE - sends and receives whole Ethernet frames.
 *
 * Reads lines from standard input:
 *   HEX                 a frame, sent and answered by "sent"
 *   sync                answered by "synced" after everything that has arrived is printed
 *   count HEX...        from now on frames that arrive are counted and no longer printed; answered by "counting"
 *   counts              answered by "counted N..." for the frames of "count", in order
 *   stream MICROS HEX...  one frame of these after another, each MICROS after the last; answered by "streaming"
 *   stop                ends it; answered by "stopped N..." with how often each was sent
 * Prints "rx HEX" for each frame that arrives and "ready" when it listens. What we send is not received. Ends at the end of input.
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
#include <time.h>
#include <unistd.h>

#define MOST 65536
/* Frames of a list, and their length. */
#define LIST 16
#define SHORT 2048
/* What is late is made up for, but not more at once than queues hold. */
#define AT_ONCE 32

struct list {
  int count;
  size_t length[LIST];
  unsigned char frame[LIST][SHORT];
  long times[LIST];
};

static struct list counted, streamed;
static long micros, due, turn;

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000L + time.tv_nsec / 1000;
}

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
    if (counted.count) {
      for (int each = 0; each < counted.count; each++)
        if ((size_t)length == counted.length[each] && !memcmp(frame, counted.frame[each], (size_t)length)) counted.times[each]++;
      continue;
    }
    fputs("rx ", stdout);
    for (ssize_t at = 0; at < length; at++) printf("%02x", frame[at]);
    putchar('\n');
  }
}

static size_t read_hex(const char *text, size_t digits, unsigned char *frame, size_t most) {
  size_t length = 0;
  for (size_t at = 0; at + 1 < digits && length < most; at += 2) {
    unsigned byte;
    if (sscanf(text + at, "%2x", &byte) != 1) {
      fprintf(stderr, "not hex: %s\n", text);
      exit(2);
    }
    frame[length++] = (unsigned char)byte;
  }
  return length;
}

static void send_frame(int port, const unsigned char *frame, size_t length) {
  if (send(port, frame, length, 0) != (ssize_t)length) stop("send");
}

static void send_line(int port, const char *line, size_t digits) {
  static unsigned char frame[MOST];
  send_frame(port, frame, read_hex(line, digits, frame, MOST));
  puts("sent");
}

static void read_list(struct list *list, char *words) {
  memset(list, 0, sizeof *list);
  for (char *word = strtok(words, " "); word && list->count < LIST; word = strtok(NULL, " "), list->count++)
    list->length[list->count] = read_hex(word, strlen(word), list->frame[list->count], SHORT);
}

static void print_times(const char *word, const struct list *list) {
  fputs(word, stdout);
  for (int each = 0; each < list->count; each++) printf(" %ld", list->times[each]);
  putchar('\n');
}

/* Sends what is due; answers the time until more is, NULL for never. */
static struct timespec *go_on(int port) {
  static struct timespec pause;
  if (micros == 0) return NULL;
  long late = (now() - due) / micros + 1;
  for (int sent = 0; sent < late && sent < AT_ONCE; sent++, turn++) {
    int each = (int)(turn % streamed.count);
    send_frame(port, streamed.frame[each], streamed.length[each]);
    streamed.times[each]++;
  }
  if (late > 0) due += late * micros;
  long wait = due - now();
  pause.tv_nsec = wait < 0 ? 0 : wait % 1000000 * 1000;
  pause.tv_sec = wait < 0 ? 0 : wait / 1000000;
  return &pause;
}

static void obey(int port, char *line, size_t length) {
  if (!strcmp(line, "sync")) print_arrived(port), puts("synced");
  else if (!strncmp(line, "count ", 6)) print_arrived(port), read_list(&counted, line + 6), puts("counting");
  else if (!strcmp(line, "counts")) print_arrived(port), print_times("counted", &counted);
  else if (!strncmp(line, "stream ", 7)) {
    char *frames;
    micros = strtol(line + 7, &frames, 10);
    read_list(&streamed, frames);
    due = now(), turn = 0;
    puts("streaming");
  } else if (!strcmp(line, "stop")) micros = 0, print_times("stopped", &streamed);
  else send_line(port, line, length);
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
    if (ppoll(sources, 2, go_on(port), NULL) < 0 && errno != EINTR) stop("poll");
    print_arrived(port);
    if (!(sources[0].revents & (POLLIN | POLLHUP))) continue;
    ssize_t more = read(STDIN_FILENO, input + filled, sizeof input - filled);
    if (more <= 0) return fflush(stdout), more < 0;
    filled += (size_t)more;
    char *line = input, *end;
    while ((end = memchr(line, '\n', filled - (size_t)(line - input)))) {
      *end = 0;
      obey(port, line, (size_t)(end - line));
      line = end + 1;
    }
    filled -= (size_t)(line - input);
    memmove(input, line, filled);
  }
}
