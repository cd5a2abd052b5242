/*
 * frames IFACE COUNT HEX - sends a frame so many times, each on its way through the bridge before the next is sent, and prints the
 * processor time of one in nanoseconds: the receiving end's work is done in our own system call.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static void stop(const char *what) {
  perror(what);
  exit(1);
}

int main(int count, char **arguments) {
  static unsigned char frame[2048];
  int on = 1;
  size_t length = 0;
  struct timespec start, end;
  if (count != 4) return fprintf(stderr, "usage: frames IFACE COUNT HEX\n"), 2;
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(arguments[1])};
  int port = socket(AF_PACKET, SOCK_RAW, 0);
  if (port < 0) stop("socket");
  if (setsockopt(port, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on)) stop("PACKET_QDISC_BYPASS");
  if (bind(port, (struct sockaddr *)&address, sizeof address)) stop("bind");
  for (const char *text = arguments[3]; text[0] && text[1] && length < sizeof frame; text += 2) {
    unsigned byte;
    if (sscanf(text, "%2x", &byte) != 1) return fprintf(stderr, "not hex\n"), 2;
    frame[length++] = (unsigned char)byte;
  }
  long times = strtol(arguments[2], NULL, 10);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  for (long sent = 0; sent < times; sent++)
    if (send(port, frame, length, 0) != (ssize_t)length) stop("send");
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  printf("%.1f\n", ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / (double)times);
  return 0;
}
