#include "services/http/outbox.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace diaban::services::http {

namespace {

/// Bytes of earlier answers that a client may leave lying when it asks for more. Only clients that
/// send requests without awaiting answers leave any.
constexpr std::size_t most_unread_bytes = 64u << 20;
/// What all may leave lying together; beyond it a client may leave no more than a few answers.
constexpr std::size_t most_unread_of_all = 1u << 30;
constexpr std::size_t most_unread_then = 2u << 20;

} // namespace

void cut_off(int descriptor) {
    linger const at_once{1, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::shutdown(descriptor, SHUT_RDWR);
}

Drain::Drain(std::chrono::seconds patience)
    : m_patience{patience}, m_epoll{::epoll_create1(EPOLL_CLOEXEC)}, m_wake{::eventfd(
                                                                         0, EFD_CLOEXEC |
                                                                                EFD_NONBLOCK)} {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = m_wake;
    if (m_epoll < 0 || m_wake < 0 || ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wake, &event) != 0)
        throw geo::Error{geo::Code::internal, "internal", {}, "epoll"};
    m_thread = std::thread{[this] { run(); }};
}

Drain::~Drain() {
    {
        std::lock_guard const lock{m_mutex};
        m_stop = true;
    }
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const woken = ::write(m_wake, &one, sizeof one);
    m_thread.join();
    for (auto const& [descriptor, entry] : m_entries) ::close(descriptor);
    ::close(m_wake);
    ::close(m_epoll);
}

void Drain::add(std::shared_ptr<Outbox> outbox, int descriptor) {
    {
        std::lock_guard const lock{m_mutex};
        m_entries.insert_or_assign(descriptor,
                                   Entry{std::move(outbox), std::chrono::steady_clock::now()});
    }
    epoll_event event{};
    event.events = EPOLLOUT | EPOLLET;
    event.data.fd = descriptor;
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event);
}

std::size_t Drain::size() const {
    std::lock_guard const lock{m_mutex};
    return m_entries.size();
}

void Drain::run() {
    std::array<epoll_event, 64> events;
    auto last_check = std::chrono::steady_clock::now();
    for (;;) {
        int const ready = ::epoll_wait(m_epoll, events.data(), events.size(), 1000);
        {
            std::lock_guard const lock{m_mutex};
            if (m_stop) return;
        }
        for (int i = 0; i < ready; ++i)
            if (events[static_cast<std::size_t>(i)].data.fd != m_wake)
                flush(events[static_cast<std::size_t>(i)].data.fd);
        auto const now = std::chrono::steady_clock::now();
        if (now - last_check >= std::chrono::seconds{1}) {
            give_up_idle();
            last_check = now;
        }
    }
}

void Drain::flush(int descriptor) {
    std::shared_ptr<Outbox> outbox;
    {
        std::lock_guard const lock{m_mutex};
        auto const it = m_entries.find(descriptor);
        if (it == m_entries.end()) return;
        outbox = it->second.outbox;
    }
    std::size_t written = 0;
    // The outbox stays locked until it has left the drain, so that its edge thread writes by itself
    // again only when nothing is left here.
    std::lock_guard const sending{outbox->m_mutex};
    auto const outcome = outbox->write(descriptor, written);
    std::lock_guard const lock{m_mutex};
    if (outcome == Outbox::Outcome::blocked) {
        if (written > 0) m_entries[descriptor].since = std::chrono::steady_clock::now();
        return;
    }
    m_entries.erase(descriptor);
    // Closing alone would not do: the edge's own descriptor keeps the socket in the set.
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
    ::close(descriptor);
}

void Drain::give_up_idle() {
    std::vector<int> given_up;
    std::lock_guard const lock{m_mutex};
    auto const now = std::chrono::steady_clock::now();
    for (auto const& [descriptor, entry] : m_entries)
        if (now - entry.since > m_patience) given_up.push_back(descriptor);
    for (int const descriptor : given_up) cut_off(descriptor); // wakes flush
}

Outbox::Outcome Outbox::write_piece(int descriptor, Piece& piece, std::size_t& written) {
    while (piece.left() > 0) {
        std::array<iovec, 2> parts{};
        std::size_t count = 0;
        auto const add = [&](std::string_view bytes, std::size_t skip) {
            if (skip >= bytes.size()) return;
            parts[count].iov_base = const_cast<char*>(bytes.data() + skip);
            parts[count++].iov_len = bytes.size() - skip;
        };
        add(piece.head, piece.sent);
        add(piece.body.bytes(),
            piece.sent > piece.head.size() ? piece.sent - piece.head.size() : 0);
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        auto const sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::blocked : Outcome::broken;
        }
        piece.sent += static_cast<std::size_t>(sent);
        written += static_cast<std::size_t>(sent);
    }
    if (piece.last) ::shutdown(descriptor, SHUT_WR);
    return Outcome::done;
}

Outbox::Outcome Outbox::write(int descriptor, std::size_t& written) {
    while (!m_pieces.empty()) {
        auto const before = written;
        auto const outcome = write_piece(descriptor, m_pieces.front(), written);
        await_taken(m_waiting_bytes - (written - before));
        if (outcome == Outcome::blocked) return outcome;
        if (outcome == Outcome::broken) {
            m_broken = true;
            m_pieces.clear();
            await_taken(0);
            return outcome;
        }
        m_pieces.pop_front();
    }
    return Outcome::done;
}

void Outbox::send(int descriptor, std::string head, Body body, bool last) {
    Piece piece{std::move(head), std::move(body), 0, last};
    std::lock_guard const lock{m_mutex};
    if (m_broken) return;
    if (m_pieces.empty()) {
        std::size_t written = 0;
        auto const outcome = write_piece(descriptor, piece, written);
        m_broken = outcome == Outcome::broken;
        if (outcome != Outcome::blocked) return;
        int const own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
        if (own < 0) { // out of descriptors: this client goes, the others stay
            m_broken = true;
            cut_off(descriptor);
            return;
        }
        await_taken(piece.left());
        m_pieces.push_back(std::move(piece));
        m_drain.add(shared_from_this(), own);
        return;
    }
    await_taken(m_waiting_bytes + piece.left());
    m_pieces.push_back(std::move(piece));
}

bool Outbox::takes_more() const {
    std::lock_guard const lock{m_mutex};
    auto const most =
        m_drain.m_waiting_bytes > most_unread_of_all ? most_unread_then : most_unread_bytes;
    return !m_broken && m_waiting_bytes <= most;
}

void Outbox::await_taken(std::size_t bytes) noexcept {
    m_drain.m_waiting_bytes += bytes - m_waiting_bytes; // wraps around, as unsigned numbers do
    m_waiting_bytes = bytes;
}

} // namespace diaban::services::http
