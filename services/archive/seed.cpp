#include "services/archive/seed.hpp"

#include "services/domain/drawn_tile.hpp"
#include "tiles/archive/directory.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace diaban::services::archive {

namespace {

constexpr std::size_t batch_size = 64;

/// Hands batches of tiles to threads, and the tiles back in the order of their numbers.
class Making {
public:
    Making(SeedGround const& ground, std::vector<std::uint64_t> const& numbers, std::size_t begin,
           tiles::CutOptions const& cut, unsigned threads)
        : m_ground{ground}, m_numbers{numbers}, m_drawing{.cut = cut,
                                                          .filter = nullptr,
                                                          .low = nullptr,
                                                          .at = ground.at},
          m_window{4 * std::size_t{threads}}, m_given{begin}, m_taken{begin} {
        for (unsigned i = 0; i < threads; ++i) m_threads.emplace_back([this] { work(); });
    }
    ~Making() {
        std::scoped_lock const lock{m_mutex};
        m_stop = true;
        m_changed.notify_all();
    }
    Making(Making const&) = delete;
    Making& operator=(Making const&) = delete;

    using Bodies = std::vector<std::string>;

    /// The bodies of the next batch; those of empty tiles are empty.
    Bodies next() {
        std::unique_lock lock{m_mutex};
        m_changed.wait(lock, [&] { return m_fault || m_ready.contains(m_taken); });
        if (m_fault) std::rethrow_exception(m_fault);
        auto bodies = std::move(m_ready.at(m_taken));
        m_ready.erase(m_taken);
        m_taken += bodies.size();
        m_changed.notify_all();
        return bodies;
    }

private:
    void work() {
        for (;;) {
            std::unique_lock lock{m_mutex};
            m_changed.wait(lock, [&] {
                return m_stop || m_given == m_numbers.size() ||
                       m_given < m_taken + m_window * batch_size;
            });
            if (m_stop || m_fault || m_given == m_numbers.size()) return;
            auto const begin = m_given;
            m_given = std::min(begin + batch_size, m_numbers.size());
            auto const end = m_given;
            lock.unlock();
            make(begin, end);
        }
    }

    void make(std::size_t begin, std::size_t end) {
        Bodies bodies;
        std::exception_ptr fault;
        try {
            for (auto i = begin; i < end; ++i) {
                auto made = domain::draw_tile(m_ground.picture, m_ground.ids,
                                              *tiles::archive::tile_of(m_numbers[i]),
                                              m_ground.rights, http::Encoding::gzip, m_drawing);
                bodies.push_back(std::move(made.body));
            }
        } catch (...) {
            fault = std::current_exception();
        }
        std::scoped_lock const lock{m_mutex};
        if (fault)
            m_fault = fault;
        else
            m_ready.emplace(begin, std::move(bodies));
        m_changed.notify_all();
    }

    SeedGround const& m_ground;
    std::vector<std::uint64_t> const& m_numbers;
    domain::Drawing m_drawing;
    std::size_t m_window; // batches
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::map<std::size_t, Bodies> m_ready; // by where they begin
    std::size_t m_given;
    std::size_t m_taken;
    std::exception_ptr m_fault;
    bool m_stop = false;
    std::vector<std::jthread> m_threads; // last: they end before what they work on
};

} // namespace

void make_tiles(SeedGround const& ground, std::vector<std::uint64_t> const& numbers,
                tiles::CutOptions const& cut, unsigned threads, Spool& spool,
                OnTiles const& on_tiles) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds between{250};
    auto done = std::min<std::size_t>(spool.done(), numbers.size());
    auto committed = Clock::now();
    if (done < numbers.size()) {
        Making making{ground, numbers, done, cut, threads};
        while (done < numbers.size()) {
            for (auto const& body : making.next()) {
                if (!body.empty()) spool.add(numbers[done], body);
                ++done;
            }
            on_tiles(done, numbers.size());
            if (Clock::now() < committed + between) continue;
            spool.commit(done);
            committed = Clock::now();
        }
    }
    spool.commit(done);
}

} // namespace diaban::services::archive
