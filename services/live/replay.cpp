#include "services/live/replay.hpp"

#include "geo/error.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace diaban::services::live {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{10};
constexpr std::chrono::milliseconds between_tries{200};

data::postgis::PoolOptions replay_pool(std::string const& database) {
    data::postgis::PoolOptions options;
    options.uri = database;
    options.role = data::postgis::Role::feed;
    options.size = 1;
    options.statement_timeout = std::chrono::seconds{10};
    return options;
}

} // namespace

struct Replay::State {
    struct Question {
        data::postgis::Cursor from;
        std::int64_t to = 0;
        std::uint32_t limit = 0;
    };

    State(std::string const& database, Answer given)
        : pool{replay_pool(database)}, feed{pool}, answer{std::move(given)} {}

    void run() {
        std::unique_lock lock{mutex};
        for (;;) {
            changed.wait(lock, [this] { return stop || !questions.empty(); });
            if (stop) return;
            auto const question = questions.front();
            questions.pop_front();
            lock.unlock();
            look(question);
            lock.lock();
        }
    }

    void look(Question const& question) {
        for (auto const end = Clock::now() + patience;;) {
            try {
                auto changes = feed.between(question.from, question.to, question.limit);
                bool const whole = changes && (changes->size() < question.limit ||
                                               changes->back().seq >= question.to);
                if (!whole) return answer(question.from, question.to, Channel::Lookup::gone, {});
                return answer(question.from, question.to, Channel::Lookup::found,
                              std::move(*changes));
            } catch (geo::Error const& error) {
                spdlog::warn("the feed cannot be read for those who come back: {}", error.what());
            }
            std::unique_lock lock{mutex};
            if (changed.wait_for(lock, between_tries, [this] { return stop; })) return;
            if (Clock::now() < end) continue;
            lock.unlock();
            return answer(question.from, question.to, Channel::Lookup::failed, {});
        }
    }

    data::postgis::Pool pool;
    data::postgis::ChangeFeed feed;
    Answer answer;
    std::mutex mutex;
    std::condition_variable changed;
    bool stop = false;
    std::deque<Question> questions;
    std::thread thread;
};

Replay::Replay(std::string const& database, Answer answer)
    : m_state{std::make_unique<State>(database, std::move(answer))} {
    m_state->thread = std::thread{[state = m_state.get()] { state->run(); }};
}

Replay::~Replay() {
    {
        std::lock_guard const lock{m_state->mutex};
        m_state->stop = true;
    }
    m_state->changed.notify_all();
    m_state->thread.join();
}

void Replay::ask(data::postgis::Cursor from, std::int64_t to, std::uint32_t limit) {
    {
        std::lock_guard const lock{m_state->mutex};
        m_state->questions.push_back({from, to, limit});
    }
    m_state->changed.notify_all();
}

} // namespace diaban::services::live
