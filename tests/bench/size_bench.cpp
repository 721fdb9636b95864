// What a running server answers, how soon and in how much memory: one point of the curve over the
// number of rows. Everything is asked over HTTP, as a map does. Prints one line of JSON.

#include "tests/bench/table.hpp"
#include "tests/services/raw_client.hpp"
#include "tiles/grid.hpp"
#include "tiles/mvt.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace diaban;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

namespace {

struct Options {
    std::string database;
    std::uint16_t port = 8080;
    int process = 0;
    std::filesystem::path segment;
    std::size_t tiles = 10'000;
};

/// A connection that stays open, as a browser's does.
class Client {
public:
    explicit Client(std::uint16_t port)
        : m_port{port}, m_wire{std::make_unique<tests::RawClient>(port)} {}

    std::string get(std::string const& path) {
        for (int tries = 0; tries < 2; ++tries) {
            m_wire->send("GET " + path +
                         " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n"
                         "Accept-Encoding: identity\r\n\r\n");
            if (auto answer = m_wire->read(std::chrono::seconds{60})) {
                if (answer->status != 200 && answer->status != 204)
                    throw std::runtime_error{fmt::format("{}: {} {}", path, answer->status,
                                                         answer->body.substr(0, 200))};
                return std::move(answer->body);
            }
            m_wire = std::make_unique<tests::RawClient>(m_port);
        }
        throw std::runtime_error{path + ": no answer"};
    }

private:
    std::uint16_t m_port;
    std::unique_ptr<tests::RawClient> m_wire;
};

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Json spread(std::vector<double> const& times) {
    if (times.empty()) return nullptr;
    auto const rounded = [&](double share) {
        return std::round(bench::quantile(times, share) * 1e3) / 1e3;
    };
    return {{"p50", rounded(0.5)}, {"p99", rounded(0.99)}, {"asked", times.size()}};
}

/// How long each of these takes, one after the other.
Json timed(Client& client, std::vector<std::string> const& paths) {
    std::vector<double> times;
    for (auto const& path : paths) {
        auto const start = Clock::now();
        client.get(path);
        times.push_back(milliseconds_since(start));
    }
    return spread(times);
}

/// What the kernel says the process holds, in MB (10^6 bytes).
Json memory_of(int process) {
    std::ifstream file{fmt::format("/proc/{}/status", process)};
    Json found;
    std::string line;
    constexpr std::array<std::pair<char const*, char const*>, 4> names{
        {{"VmRSS:", "resident"}, {"RssAnon:", "own"}, {"RssFile:", "mapped"}, {"VmHWM:", "most"}}};
    while (std::getline(file, line))
        for (auto const& [label, name] : names)
            if (line.starts_with(label))
                found[name] = std::stoll(line.substr(std::strlen(label))) * 1024 / 1'000'000;
    return found;
}

/// Processor time of all threads of a process, in milliseconds.
double processor_of(int process) {
    double sum = 0;
    for (auto const& thread :
         std::filesystem::directory_iterator{fmt::format("/proc/{}/task", process)}) {
        std::ifstream file{thread.path() / "schedstat"};
        double nanoseconds = 0;
        if (file >> nanoseconds) sum += nanoseconds / 1e6;
    }
    return sum;
}

/// A row of the record: where it is and what it is called.
struct Spot {
    std::int64_t fid = 0;
    geo::Position at;
    std::string sheet;
    std::string number;
};

/// Rows taken by number, so that the taking costs the same in a table of any size.
std::vector<Spot> some_spots(pqxx::connection& sql, std::size_t count) {
    pqxx::nontransaction work{sql};
    auto const range = work.exec1("SELECT min(fid), max(fid) FROM record.parcels");
    std::mt19937_64 random{7};
    std::uniform_int_distribution<std::int64_t> any{range[0].as<std::int64_t>(),
                                                    range[1].as<std::int64_t>()};
    std::string fids = "{";
    for (std::size_t i = 0; i < count; ++i) fids += (i ? "," : "") + std::to_string(any(random));
    std::vector<Spot> spots;
    for (auto const row : work.exec_params(
             "SELECT fid, ST_X(at), ST_Y(at), sheet, parcel_number FROM (SELECT p.*, "
             "ST_PointOnSurface(geom) AS at FROM record.parcels AS p WHERE fid = ANY($1)) AS rows "
             "ORDER BY hashint8(fid)",
             fids + "}"))
        spots.push_back({row[0].as<std::int64_t>(),
                         {row[1].as<double>(), row[2].as<double>()},
                         row[3].c_str(),
                         row[4].c_str()});
    return spots;
}

std::string tile_at(Spot const& spot, std::uint32_t zoom) {
    auto const p = tiles::to_grid(spot.at);
    return fmt::format("/tiles/parcels/{}/{}/{}.mvt", zoom, std::uint32_t(p.x) >> (31 - zoom),
                       std::uint32_t(p.y) >> (31 - zoom));
}

/// Tiles that nobody has asked for, each once.
class ColdTiles {
public:
    explicit ColdTiles(std::vector<Spot> const& spots) : m_spots{spots} {}

    std::vector<std::string> take(std::uint32_t zoom, std::size_t most) {
        std::vector<std::string> paths;
        for (auto const& spot : m_spots) {
            if (paths.size() == most) break;
            if (auto path = tile_at(spot, zoom); m_taken.insert(path).second)
                paths.push_back(std::move(path));
        }
        return paths;
    }

private:
    std::vector<Spot> const& m_spots;
    std::set<std::string> m_taken;
};

std::string box_around(geo::Position at, double half) {
    return fmt::format("{:.6f},{:.6f},{:.6f},{:.6f}", at.x - half, at.y - half, at.x + half,
                       at.y + half);
}

template <typename Path>
std::vector<std::string> paths_of(std::vector<Spot> const& spots, std::size_t most,
                                  Path const& path) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < std::min(most, spots.size()); ++i) paths.push_back(path(spots[i]));
    return paths;
}

/// The process's pages of the segment are given back and the file leaves the page cache. Says how
/// many of its bytes are still there.
double drop_pages(int process, std::filesystem::path const& segment) {
    std::ifstream maps{fmt::format("/proc/{}/maps", process)};
    std::vector<iovec> ranges;
    for (std::string line; std::getline(maps, line);) {
        if (!line.ends_with(segment.string())) continue;
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::istringstream{line} >> std::hex >> begin >> dash >> end;
        ranges.push_back({reinterpret_cast<void*>(begin), end - begin});
    }
    auto const handle = int(::syscall(SYS_pidfd_open, process, 0));
    for (auto range : ranges)
        while (range.iov_len > 0) {
            auto const done = ::syscall(SYS_process_madvise, handle, &range, 1, MADV_PAGEOUT, 0);
            if (done <= 0) throw std::runtime_error{"pages of another process cannot be dropped"};
            range.iov_base = static_cast<char*>(range.iov_base) + done;
            range.iov_len -= std::size_t(done);
        }
    ::close(handle);
    int const file = ::open(segment.c_str(), O_RDONLY | O_CLOEXEC);
    auto const size = std::filesystem::file_size(segment);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    auto* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    constexpr std::size_t page = 4096;
    std::vector<unsigned char> there((size + page - 1) / page);
    ::mincore(at, size, there.data());
    ::munmap(at, size);
    return double(std::ranges::count_if(there, [](auto flags) { return (flags & 1U) != 0; })) /
           double(there.size());
}

/// Commits one-row edits and asks for the tile until it shows the edit.
Json edits(pqxx::connection& sql, Client& client, std::vector<Spot> const& spots,
           std::uint32_t zoom) {
    sql.prepare("edit", "UPDATE record.parcels SET parcel_number = $1 WHERE fid = $2");
    std::vector<double> fresh;
    constexpr std::int64_t first_number = 70'000'000'000; // no generated parcel has it
    constexpr std::size_t count = 60;
    for (std::size_t i = 0; i < count; ++i) {
        auto const path = tile_at(spots[i], zoom);
        auto const mark = tiles::mvt::encode_value(first_number + std::int64_t(i));
        pqxx::nontransaction{sql}.exec_prepared("edit", first_number + std::int64_t(i),
                                                spots[i].fid);
        auto const committed = Clock::now();
        while (client.get(path).find(mark) == std::string::npos)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        fresh.push_back(milliseconds_since(committed));
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    return spread(fresh);
}

/// Changes a parcel's use and asks for a tile below the native zoom until its bytes are others.
Json low_edits(pqxx::connection& sql, Client& client, std::vector<Spot> const& spots,
               std::uint32_t zoom) {
    sql.prepare("low", "UPDATE record.parcels SET land_use = CASE land_use WHEN 'TSC' THEN 'LUC' "
                       "ELSE 'TSC' END WHERE fid = $1");
    std::vector<double> fresh;
    constexpr std::size_t count = 20;
    for (std::size_t i = 0; i < count; ++i) {
        auto const path = tile_at(spots[i], zoom);
        auto const before = client.get(path);
        pqxx::nontransaction{sql}.exec_prepared("low", spots[i].fid);
        auto const committed = Clock::now();
        while (client.get(path) == before)
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        fresh.push_back(milliseconds_since(committed));
    }
    return spread(fresh);
}

Json measure(Options const& options) {
    pqxx::connection sql{options.database};
    auto const spots = some_spots(sql, 3 * options.tiles);
    Client client{options.port};
    Json found;
    std::uint32_t native = 0;
    {
        pqxx::nontransaction work{sql};
        native = work.exec1("SELECT native_zoom FROM diaban.collection WHERE id = 'parcels'")[0]
                     .as<std::uint32_t>();
    }
    found["native_zoom"] = native;
    found["segment_bytes"] = std::filesystem::file_size(options.segment);
    found["memory_at_start"] = memory_of(options.process);

    constexpr std::uint32_t deepest = 17;
    ColdTiles cold{spots};
    std::vector<std::string> above;
    auto const fullest = cold.take(native, options.tiles / 5);
    for (auto zoom = native + 1; zoom <= deepest; ++zoom) {
        auto const left = options.tiles - fullest.size() - above.size();
        auto const more = cold.take(zoom, left / (deepest - zoom + 1));
        above.insert(above.end(), more.begin(), more.end());
    }
    auto const processor = processor_of(options.process);
    found["cold_tile_native"] = timed(client, fullest);
    found["cold_tile_above"] = timed(client, above);
    found["processor_a_cold_tile"] =
        (processor_of(options.process) - processor) / double(fullest.size() + above.size());
    std::vector<std::string> low;
    for (auto zoom = native; zoom-- > 5;)
        for (auto& path : cold.take(zoom, 100)) low.push_back(std::move(path));
    found["cold_tile_low"] = timed(client, low);
    found["memory_after_tiles"] = memory_of(options.process);

    found["search_by_number"] =
        timed(client, paths_of(spots, 300, [](Spot const& spot) {
                  return fmt::format("/land/parcels?sheet={}&number={}", spot.sheet, spot.number);
              }));
    found["nearest_ten"] =
        timed(client, paths_of(spots, 300, [](Spot const& spot) {
                  return fmt::format("/collections/parcels/nearest?lon={:.6f}&lat={:.6f}&limit=10",
                                     spot.at.x, spot.at.y);
              }));
    found["items_page_in_box"] =
        timed(client, paths_of(spots, 300, [](Spot const& spot) {
                  return fmt::format("/collections/parcels/items?limit=100&f=json&bbox={}",
                                     box_around(spot.at, 0.01));
              }));
    found["items_page"] =
        timed(client, paths_of(spots, 300, [](Spot const&) {
                  return std::string{"/collections/parcels/items?limit=100&f=json"};
              }));
    found["count_by_filter_in_box"] = timed(
        client, paths_of(spots, 300, [](Spot const& spot) {
            return fmt::format("/collections/parcels/count?filter=land_use%3D%27LUC%27&bbox={}",
                               box_around(spot.at, 0.05));
        }));
    found["count_by_filter_of_all"] =
        timed(client, paths_of(spots, 20, [](Spot const&) {
                  return std::string{"/collections/parcels/count?filter=land_use%3D%27LUC%27"};
              }));
    found["edit_to_visible_low"] = low_edits(sql, client, spots, native - 2);
    found["edit_to_visible"] = edits(sql, client, spots, 16);
    found["memory_at_end"] = memory_of(options.process);

    found["pages_left_after_drop"] = drop_pages(options.process, options.segment);
    found["memory_after_drop"] = memory_of(options.process);
    auto const dropped = cold.take(deepest + 1, 1000);
    found["cold_tile_from_disk"] = timed(client, dropped);
    return found;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"One point of the curve over the number of rows"};
    Options options;
    app.add_option("--database", options.database, "URI of a superuser")->required();
    app.add_option("--port", options.port, "of the server")->required();
    app.add_option("--process", options.process, "number of the server")->required();
    app.add_option("--segment", options.segment, "of the parcels, which it serves")->required();
    app.add_option("--tiles", options.tiles, "Cold tiles asked for")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        std::cout << measure(options).dump() << std::endl;
    } catch (std::exception const& fault) {
        std::cerr << fault.what() << std::endl;
        return 1;
    }
    return 0;
}
