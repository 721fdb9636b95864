#pragma once

#include "services/http/message.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace diaban::services::http {

class Outbox;

/// Ends the connection of `descriptor` at once in both directions, for a client that keeps no
/// rules. Its side learns of it by a reset when the last descriptor closes: an orderly end would
/// leave a client that is sending into a full window waiting for the system's time of closing, a
/// minute.
void cut_off(int descriptor);

/// Finishes answers that did not fit into their socket at once: one thread for all of them, so that
/// a client that reads slowly costs memory for a while and never an edge thread.
///
/// Works on a duplicate of the descriptor: whatever the edge closes or reopens meanwhile, the bytes
/// reach the socket they were meant for.
class Drain {
public:
    /// A client that takes nothing for `patience` is given up.
    explicit Drain(std::chrono::seconds patience = std::chrono::seconds{30});
    ~Drain();
    Drain(Drain const&) = delete;
    Drain& operator=(Drain const&) = delete;

    /// Takes over `outbox`, whose socket is `descriptor` (owned from now on).
    void add(std::shared_ptr<Outbox> outbox, int descriptor);
    /// Answers being finished now.
    [[nodiscard]] std::size_t size() const;

private:
    friend class Outbox;

    struct Entry {
        std::shared_ptr<Outbox> outbox;
        std::chrono::steady_clock::time_point since; // last progress
    };

    void run();
    void flush(int descriptor);
    void give_up_idle();

    std::chrono::seconds m_patience;
    int m_epoll = -1;
    int m_wake = -1;
    mutable std::mutex m_mutex;
    bool m_stop = false;
    std::atomic<std::size_t> m_waiting_bytes{0}; // of all outboxes, which are gone before it
    std::unordered_map<int, Entry> m_entries;
    std::thread m_thread;
};

/// The answers of one connection on their way out, in order.
///
/// Threads  the connection's edge thread sends; the drain's thread finishes what is left.
/// Copies   none: head and body leave by one gathering write; what is left over keeps the body's
///          owner alive.
class Outbox : public std::enable_shared_from_this<Outbox> {
public:
    explicit Outbox(Drain& drain) : m_drain{drain} {}
    ~Outbox() { await_taken(0); }
    Outbox(Outbox const&) = delete;
    Outbox& operator=(Outbox const&) = delete;

    /// Sends one answer on `descriptor`, after those that still wait. `last` ends the sending side
    /// of the connection behind it. A broken connection is not an error here: its reader sees it.
    void send(int descriptor, std::string head, Body body, bool last);
    /// Whether the client is worth another answer: it is there, and takes what it is sent.
    [[nodiscard]] bool takes_more() const;

private:
    friend class Drain;

    struct Piece {
        std::string head;
        Body body;
        std::size_t sent = 0; // of both together
        bool last = false;
        [[nodiscard]] std::size_t left() const { return head.size() + body.bytes().size() - sent; }
    };
    enum class Outcome { done, blocked, broken };

    /// Writes what the socket takes. Not locked here.
    Outcome write(int descriptor, std::size_t& written);
    static Outcome write_piece(int descriptor, Piece& piece, std::size_t& written);
    /// So many bytes wait from now on.
    void await_taken(std::size_t bytes) noexcept;

    Drain& m_drain;
    mutable std::mutex m_mutex;
    std::deque<Piece> m_pieces;
    std::size_t m_waiting_bytes = 0;
    bool m_broken = false;
};

} // namespace diaban::services::http
