#pragma once

#include "services/domain/extract_text.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>

namespace diaban::services::domain {

/// The texts of parts that are made at once, written one part behind the other.
class InTurn {
public:
    explicit InTurn(TextWriter& writer) : m_writer{writer} {}

    /// Writes what is made of `part` up to now, and empties it, if the parts before it are written.
    /// Else it is left as it is; a long text, and one that is the part's `end`, waits for its turn.
    void give(unsigned part, std::string& text, bool end) {
        constexpr std::size_t enough = std::size_t{256} << 10U;
        constexpr std::size_t long_text = std::size_t{32} << 20U;
        if (!end && text.size() < enough) return;
        std::unique_lock lock{m_guard};
        if (m_turn != part && !end && text.size() < long_text) return;
        m_changed.wait(lock, [&] { return m_turn == part || m_given_up; });
        if (m_given_up) return;
        lock.unlock();
        m_writer.write(text);
        text.clear();
        if (!end) return;
        lock.lock();
        ++m_turn;
        m_changed.notify_all();
    }

    /// One part cannot be made: nobody waits for it any more.
    void give_up() {
        std::scoped_lock const lock{m_guard};
        m_given_up = true;
        m_changed.notify_all();
    }

private:
    TextWriter& m_writer;
    std::mutex m_guard;
    std::condition_variable m_changed;
    unsigned m_turn = 0;
    bool m_given_up = false;
};

} // namespace diaban::services::domain
