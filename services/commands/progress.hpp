#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace diaban::services::commands {

/// Shows on standard error how long work goes on: on a terminal one line, rewritten in place, with
/// rate and time left; elsewhere a plain line every ten seconds.
class Progress {
public:
    /// `what` is being done to `unit`: `import roads`, `rows`.
    Progress(std::string what, std::string unit);
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;
    /// Clears the line.
    ~Progress();

    /// `done` of `of` (-1: unknown); all of it: what is left is no counting. Cheap enough to be
    /// called a thousand times a second.
    void at(std::uint64_t done, std::int64_t of = -1);
    /// Starts anew with another piece of work.
    void restart(std::string what);
    /// Clears the line, so that something else can be printed.
    void clear();

private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] std::string line(std::uint64_t done, std::int64_t of) const;

    std::string m_what;
    std::string m_unit;
    bool m_terminal;
    bool m_drawn = false;
    Clock::time_point m_start;
    Clock::time_point m_next;
};

} // namespace diaban::services::commands
