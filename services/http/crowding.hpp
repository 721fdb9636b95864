#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace diaban::services::http {

/// How many requests are worked on at once, and whether one more is too many.
///
/// Method   work waits for a core, not for an answer from elsewhere: who waits for the database is
///          not counted. More than `most` at work is a burst, which passes; more than that all the
///          time for `patience` is a crowd. In a crowd no more than `most` are let in, so that
///          those who are get their answer while they still wait for it, and the rest learn at once
///          that they must come back. The crowd is over when nobody had to be turned away for
///          `calm`.
/// Threads  any number; lock-free.
class Crowding {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds patience{500};
    static constexpr std::chrono::seconds calm{2};

    /// `most`   at work at once; 0: any number.
    explicit Crowding(unsigned most) noexcept : m_most{most} {}

    /// One request at work on the calling thread, while it lives.
    class Place {
    public:
        /// `must`   is let in however many there are.
        Place(Crowding& crowding, bool must, Clock::time_point now) noexcept;
        ~Place();
        Place(Place const&) = delete;
        Place& operator=(Place const&) = delete;
        [[nodiscard]] bool taken() const noexcept { return m_taken; }

    private:
        Crowding& m_crowding;
        bool m_taken;
    };

    /// What the calling thread's request waits for is not a core, while one lives. Nothing on a
    /// thread without a request.
    static void begin_wait() noexcept;
    static void end_wait() noexcept;

    [[nodiscard]] unsigned working() const noexcept;
    [[nodiscard]] std::uint64_t refused() const noexcept { return m_refused; }

private:
    [[nodiscard]] bool enter(bool must, Clock::time_point now) noexcept;
    [[nodiscard]] bool is_crowd(int working, Clock::time_point now) noexcept;

    unsigned const m_most;
    std::atomic<int> m_working{0};
    std::atomic<Clock::rep> m_calm_at{0};    ///< when there last were no more than `most`
    std::atomic<Clock::rep> m_refused_at{0}; ///< when one was last turned away; 0: not a crowd
    std::atomic<std::uint64_t> m_refused{0};
};

} // namespace diaban::services::http
