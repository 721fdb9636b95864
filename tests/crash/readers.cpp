#include "tests/crash/readers.hpp"

#include "tests/services/raw_client.hpp"
#include "tests/support/seed.hpp"
#include "tiles/grid.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

namespace diaban::crash {

namespace {

using Clock = std::chrono::steady_clock;

/// Tiles over parcels from the whole province down to a street, and what is counted in mirrors.
std::vector<std::string> paths_of(std::string const& database) {
    std::vector<std::string> paths{"/collections/parcels/count", "/tiles/parcels.json"};
    pqxx::connection sql{database};
    pqxx::nontransaction work{sql};
    std::mt19937_64 random{tests::seed()};
    for (auto const row :
         work.exec("SELECT ST_X(at), ST_Y(at) FROM (SELECT ST_PointOnSurface(geom) AS at FROM "
                   "record.parcels ORDER BY fid LIMIT 200) AS some_rows")) {
        auto const p = tiles::to_grid({row[0].as<double>(), row[1].as<double>()});
        auto const zoom = 8 + std::uint32_t(random() % 10);
        paths.push_back(fmt::format("/tiles/parcels/{}/{}/{}.mvt", zoom,
                                    std::uint32_t(p.x) >> (31 - zoom),
                                    std::uint32_t(p.y) >> (31 - zoom)));
    }
    return paths;
}

/// Empty if the answer is one; else what was wrong.
std::string fault_of(std::uint16_t port, std::string const& path) {
    try {
        auto const answer = tests::get(port, path);
        if (answer.status == 200 || answer.status == 204) return {};
        return fmt::format("{}: {} {}", path, answer.status, answer.body.substr(0, 200));
    } catch (std::exception const& fault) {
        return path + ": " + fault.what();
    }
}

} // namespace

int read(std::string const& database, std::vector<std::uint16_t> const& ports, double rate,
         std::string const& end) {
    auto const paths = paths_of(database);
    constexpr unsigned crew_size = 4;
    std::atomic<std::uint64_t> reads{0};
    std::atomic<std::uint64_t> failed{0};
    std::mutex mutex;
    std::chrono::milliseconds slowest{0};
    std::vector<std::jthread> crew;
    for (unsigned member = 0; member < crew_size; ++member)
        crew.emplace_back([&, member] {
            auto turn = Clock::now();
            for (std::size_t i = member; !std::filesystem::exists(end); i += crew_size) {
                turn += std::chrono::duration_cast<Clock::duration>(
                    std::chrono::duration<double>(crew_size / rate));
                std::this_thread::sleep_until(turn);
                auto const begin = Clock::now();
                auto const fault =
                    fault_of(ports[i / paths.size() % ports.size()], paths[i % paths.size()]);
                auto const took =
                    std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
                ++reads;
                std::lock_guard const lock{mutex};
                slowest = std::max(slowest, took);
                if (fault.empty()) continue;
                constexpr std::uint64_t most_told = 5;
                if (failed++ < most_told) std::cerr << fault << std::endl;
            }
        });
    crew.clear(); // joins
    std::cout << fmt::format("{} reads, {} failed, the slowest took {} ms", reads.load(),
                             failed.load(), slowest.count())
              << std::endl;
    return failed == 0 && reads > 0 ? 0 : 1;
}

} // namespace diaban::crash
