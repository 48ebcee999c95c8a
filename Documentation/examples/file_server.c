// SPDX-License-Identifier: MIT
/*
 * file_server.c - a small server of files, one thread for the clients and others for the disk
 *
 *	cc file_server.c $(pkg-config --cflags --libs uwq)
 *	./a.out DIRECTORY SOCKET &
 *
 * A client connects to the Unix socket, sends a name and a newline, and gets "+" and the file's
 * bytes, or "-" and a reason; then the connection ends. One thread runs an AioContext and does
 * all that concerns the clients; reads of files are paio requests, run by threads, so a slow
 * disk holds up only the client that waits for it. While one piece of a file is sent, the next
 * one is read. SIGTERM ends the server when its clients have gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <uwq/aio_context.h>
#include <uwq/paio.h>

#define PIECE	(64 * 1024)

struct client {
	int fd, file;
	char name[256];
	size_t name_len;

	struct qemu_paiocb acb;		/* reads the next piece */
	bool reading, lost;
	off_t at;			/* where that begins */
	char *next;			/* and its memory */
	ssize_t next_len;		/* -1: not there yet; 0: the end */

	char *piece;			/* what is being sent */
	size_t len, sent;
};

static AioContext *ctx;
static int directory, listener, nr_clients, nr_served;
static bool stopping;

static void client_turn(struct client *client);

/* ---- the end of a client ---- */

static void client_free(struct client *client)
{
	aio_set_fd_handler(ctx, client->fd, NULL, NULL, NULL);
	close(client->fd);
	if (client->file >= 0)
		close(client->file);
	free(client->next);
	free(client->piece);
	free(client);
	nr_clients--;
}

/* It went away in the middle. If a thread reads for it, its callback does the rest. */
static void client_lost(struct client *client)
{
	client->lost = true;
	aio_set_fd_handler(ctx, client->fd, NULL, NULL, NULL);
	if (!client->reading)
		client_free(client);
}

/* ---- from the file ---- */

static void piece_read(struct qemu_paiocb *acb)
{
	struct client *client = acb->ev_opaque;
	ssize_t n = paio_return(acb);

	client->reading = false;
	client->next_len = n > 0 ? n : 0;
	client->at += client->next_len;
	if (client->lost)
		client_free(client);
	else
		client_turn(client);
}

static void read_piece(struct client *client)
{
	client->next_len = -1;
	client->acb.ev_notify = PAIO_CONTEXT;
	client->acb.ev_ctx = ctx;
	client->acb.ev_func = piece_read;
	client->acb.ev_opaque = client;
	client->reading = !paio_read(&client->acb, client->file, client->next, PIECE, client->at);
	if (!client->reading)
		client->next_len = 0;
}

/* ---- to the client ---- */

static void can_send(void *opaque)
{
	client_turn(opaque);
}

/* 1: all is sent; 0: later; -1: the client is lost */
static int send_some(struct client *client)
{
	while (client->sent < client->len) {
		ssize_t n = send(client->fd, client->piece + client->sent,
				 client->len - client->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
		client->sent += n > 0 ? (size_t)n : 0;
	}
	return 1;
}

/* Go on as far as possible: send what is there, then take the next piece. */
static void client_turn(struct client *client)
{
	int sent;

	while ((sent = send_some(client)) > 0 && client->next_len > 0) {
		char *empty = client->piece;

		client->piece = client->next;
		client->len = (size_t)client->next_len;
		client->sent = 0;
		client->next = empty;
		read_piece(client);
	}
	if (sent < 0)
		client_lost(client);
	else if (sent && !client->next_len)
		client_free(client);
	else
		aio_set_fd_handler(ctx, client->fd, NULL, sent ? NULL : can_send, client);
}

/* ---- what the client wants ---- */

static int open_file(struct client *client)
{
	struct stat st;

	/* Files of the directory itself, and no other */
	if (!client->name[0] || client->name[0] == '.' || strchr(client->name, '/'))
		return -EACCES;
	client->file = openat(directory, client->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (client->file < 0)
		return -errno;
	return fstat(client->file, &st) ? -errno : S_ISREG(st.st_mode) ? 0 : -EISDIR;
}

static void serve(struct client *client)
{
	int err = open_file(client);

	nr_served++;
	if (err) {
		client->len = (size_t)snprintf(client->piece, PIECE, "-%s\n", strerror(-err));
		client->next_len = 0;
	} else {
		client->piece[0] = '+';
		client->len = 1;
		read_piece(client);
	}
	client_turn(client);
}

static void name_read(void *opaque)
{
	struct client *client = opaque;
	size_t room = sizeof(client->name) - client->name_len;
	ssize_t n = read(client->fd, client->name + client->name_len, room);
	char *end;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_free(client);
		return;
	}
	end = memchr(client->name + client->name_len, '\n', (size_t)n);
	client->name_len += (size_t)n;
	if (end) {
		*end = '\0';
		serve(client);
	} else if (client->name_len == sizeof(client->name)) {
		client_free(client);
	}
}

static void client_came(void *opaque)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client = fd < 0 ? NULL : calloc(1, sizeof(*client));

	(void)opaque;
	if (!client) {
		if (fd >= 0)
			close(fd);
		return;
	}
	nr_clients++;
	client->fd = fd;
	client->file = -1;
	client->piece = malloc(PIECE);
	client->next = malloc(PIECE);
	if (!client->piece || !client->next ||
	    aio_set_fd_handler(ctx, fd, name_read, NULL, client))
		client_free(client);
}

/* ---- beginning and end ---- */

static void stop(void *opaque)
{
	(void)opaque;
	stopping = true;
	aio_set_fd_handler(ctx, listener, NULL, NULL, NULL);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 128))
		return -1;
	return fd;
}

int main(int argc, char **argv)
{
	int signals;
	sigset_t set;

	if (argc != 3) {
		fprintf(stderr, "usage: file_server DIRECTORY SOCKET\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	listener = listen_at(argv[2]);
	ctx = aio_context_new();
	if (signals < 0 || directory < 0 || listener < 0 || !ctx) {
		perror("file_server");
		return 1;
	}
	aio_set_fd_handler(ctx, listener, client_came, NULL, NULL);
	aio_set_fd_handler(ctx, signals, stop, NULL, NULL);
	while (!stopping || nr_clients) {
		aio_poll(ctx, true);
		if (stopping)
			aio_set_fd_handler(ctx, signals, NULL, NULL, NULL);
	}
	printf("%d files asked for\n", nr_served);
	aio_context_unref(ctx);
	close(listener);
	close(directory);
	close(signals);
	return 0;
}
