#include "tests/crash/load.hpp"

#include "tests/bench/paced.hpp"
#include "tests/services/edit_client.hpp"
#include "tests/support/seed.hpp"
#include "tiles/grid.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pqxx/pqxx>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace diaban::crash {
namespace {

constexpr unsigned reading_threads = 96;
constexpr unsigned editing_threads = 128; // a writer may wait a second for its turn
constexpr std::size_t edited_rows = 512;
constexpr int creations_in = 5;

/// Of these the mirror answers alone.
constexpr std::array<std::string_view, 4> of_the_mirror{"tile", "count", "search", "ready"};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// A file that several threads write whole lines to.
class Lines {
public:
    Lines(std::string const& file, bool durable)
        : m_durable{durable}, m_file{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                                            0644)} {
        if (m_file < 0) throw std::runtime_error{"cannot write " + file};
    }
    ~Lines() { ::close(m_file); }
    Lines(Lines const&) = delete;
    Lines& operator=(Lines const&) = delete;

    void write(std::string const& line) {
        auto const text = line + "\n";
        if (::write(m_file, text.data(), text.size()) != ssize_t(text.size()) ||
            (m_durable && ::fdatasync(m_file) != 0))
            throw std::runtime_error{"cannot write down what happened"};
    }

private:
    bool m_durable;
    int m_file;
};

struct Ground {
    std::vector<std::pair<double, double>> points; // on parcels
    std::vector<std::int64_t> fids;                // that are edited
    std::uint64_t seed = tests::seed();            // of what is asked
};

Ground ground_of(std::string const& database) {
    pqxx::connection sql{database};
    pqxx::nontransaction work{sql};
    Ground ground;
    for (auto const row : work.exec_params(
             "SELECT fid, ST_X(at), ST_Y(at) FROM (SELECT fid, ST_PointOnSurface(geom) AS at "
             "FROM record.parcels ORDER BY fid LIMIT $1) AS some_rows",
             edited_rows)) {
        ground.fids.push_back(row[0].as<std::int64_t>());
        ground.points.emplace_back(row[1].as<double>(), row[2].as<double>());
    }
    if (ground.fids.size() < editing_threads) throw std::runtime_error{"too few parcels"};
    return ground;
}

struct Question {
    std::string_view kind;
    std::string path;
};

Question question(Ground const& ground, std::uint64_t number) {
    std::mt19937_64 random{ground.seed + number};
    auto const [x, y] = ground.points[random() % ground.points.size()];
    auto const part = number % 20;
    if (part < 11) {
        auto const p = tiles::to_grid({x, y});
        auto const zoom = 8 + std::uint32_t(random() % 10);
        return {"tile",
                fmt::format("/tiles/parcels/{}/{}/{}.mvt", zoom, std::uint32_t(p.x) >> (31 - zoom),
                            std::uint32_t(p.y) >> (31 - zoom))};
    }
    if (part < 14)
        return {"count", fmt::format("/collections/parcels/count?bbox={},{},{},{}", x - 0.01,
                                     y - 0.01, x + 0.01, y + 0.01)};
    if (part < 16) return {"search", "/places?q=c%E1%BA%A9m"};
    if (part < 17) return {"ready", "/readyz"};
    if (part < 19)
        return {"items", fmt::format("/collections/parcels/items?limit=10&bbox={},{},{},{}",
                                     x - 0.002, y - 0.002, x + 0.002, y + 0.002)};
    return {"at", fmt::format("/at?lon={}&lat={}", x, y)};
}

/// The writers' side: each thread has rows of its own, so that it knows the state of each.
class Writers {
public:
    Writers(Load const& load, Ground const& ground, Lines& turns)
        : m_port{load.port}, m_ground{ground}, m_turns{turns}, m_acknowledged{load.acknowledged,
                                                                              true},
          m_tags(ground.fids.size()) {}

    void edit(unsigned thread, std::uint64_t number) {
        auto const due = now_ms();
        auto const value = m_first + std::int64_t(number);
        bool const creates = number % creations_in == 0;
        auto const row = thread + editing_threads * (number % (m_tags.size() / editing_threads));
        int status = 0;
        try {
            status = creates ? create(value, row) : change(value, row);
        } catch (std::exception const&) { // no answer: whether it was done is not known
            m_tags[row].clear();
            m_acknowledged.write(creates ? fmt::format("made-perhaps {}", value)
                                         : fmt::format("perhaps {} {}", m_ground.fids[row], value));
        }
        m_turns.write(fmt::format("{} edit {} {} -", due, status, now_ms() - due));
    }

private:
    int create(std::int64_t value, std::size_t near) {
        auto const [x, y] = m_ground.points[near];
        auto const body =
            fmt::format(R"({{"type": "Feature", "properties": {{"sheet": 1, "land_use": "ONT", )"
                        R"("parcel_number": {}}}, "geometry": {{"type": "Polygon", "coordinates": )"
                        R"([[[{}, {}], [{}, {}], [{}, {}], [{}, {}]]]}}}})",
                        value, x, y, x + 1e-4, y, x + 1e-4, y + 1e-4, x, y);
        auto const answer =
            tests::request(m_port, "POST", "/collections/parcels/items",
                           std::string{tests::as_geojson} + "Prefer: return=minimal\r\n", body);
        if (answer.status == 201) {
            auto const location = answer.field("location");
            m_acknowledged.write(fmt::format("made {} {} {}",
                                             location.substr(location.rfind('/') + 1),
                                             version_in(answer.field("etag")), value));
        } else if (answer.status >= 500) {
            m_acknowledged.write(fmt::format("made-perhaps {}", value));
        }
        return answer.status;
    }

    int change(std::int64_t value, std::size_t row) {
        auto const fid = m_ground.fids[row];
        auto const path = fmt::format("/collections/parcels/items/{}", fid);
        auto& tag = m_tags[row];
        if (tag.empty()) {
            auto const now = tests::request(m_port, "GET", path);
            if (now.status != 200) return now.status;
            tag = now.field("etag");
        }
        auto const answer = tests::request(
            m_port, "PATCH", path,
            std::string{tests::merge_patch} + "Prefer: return=minimal\r\n" + tests::if_match(tag),
            fmt::format(R"({{"properties": {{"parcel_number": {}}}}})", value));
        if (answer.status == 200 || answer.status == 204) {
            tag = answer.field("etag");
            m_acknowledged.write(fmt::format("changed {} {} {}", fid, version_in(tag), value));
        } else {
            tag.clear();
            if (answer.status >= 500)
                m_acknowledged.write(fmt::format("perhaps {} {}", fid, value));
        }
        return answer.status;
    }

    /// A state is named `"VERSION-…"`.
    static std::string version_in(std::string const& tag) {
        return tag.substr(1, tag.find('-') - 1);
    }

    std::uint16_t m_port;
    Ground const& m_ground;
    Lines& m_turns;
    Lines m_acknowledged;
    std::vector<std::string> m_tags; // by row; empty: to be asked
    std::int64_t m_first = now_ms() * 1000;
};

void read_once(std::uint16_t port, Ground const& ground, std::uint64_t number, Lines& turns) {
    auto const due = now_ms();
    auto const [kind, path] = question(ground, number);
    int status = 0;
    std::string age;
    try {
        auto const answer = tests::get(port, path);
        status = answer.status;
        age = answer.field("age");
    } catch (std::exception const&) { // nobody answers
    }
    turns.write(
        fmt::format("{} {} {} {} {}", due, kind, status, now_ms() - due, age.empty() ? "-" : age));
}

using State = std::tuple<std::int64_t, std::int64_t, std::int64_t>; // fid, version, value

struct Record {
    std::set<State> states; // now and ever
    std::map<std::int64_t, std::int64_t> versions;
    std::map<std::int64_t, int> made; // rows by value
};

Record record_of(std::string const& database) {
    pqxx::connection sql{database};
    pqxx::nontransaction work{sql};
    Record record;
    for (auto const row : work.exec(
             "SELECT fid, version, coalesce(parcel_number, 0), true FROM record.parcels UNION ALL "
             "SELECT fid, version, coalesce(parcel_number, 0), false FROM "
             "record.parcels_history")) {
        auto const fid = row[0].as<std::int64_t>();
        auto const version = row[1].as<std::int64_t>();
        auto const value = row[2].as<std::int64_t>();
        record.states.emplace(fid, version, value);
        auto& latest = record.versions[fid];
        latest = std::max(latest, row[3].as<bool>() ? version : 0);
        if (version == 1) ++record.made[value];
    }
    return record;
}

} // namespace

void put_load(Load const& load) {
    auto const ground = ground_of(load.database);
    Lines turns{load.turns, false};
    std::jthread const reading{[&] {
        bench::paced(
            load.reads, load.seconds, reading_threads,
            [&](unsigned, std::uint64_t number) { read_once(load.port, ground, number, turns); });
    }};
    Writers writers{load, ground, turns};
    bench::paced(load.edits, load.seconds, editing_threads,
                 [&](unsigned thread, std::uint64_t number) { writers.edit(thread, number); });
}

int judge_load(std::string const& database, std::string const& acknowledged) {
    auto const record = record_of(database);
    std::size_t changed = 0;
    std::size_t made = 0;
    std::size_t missing = 0;
    std::size_t twice = 0;
    std::size_t doubtful = 0;
    std::ifstream in{acknowledged};
    std::string what;
    while (in >> what) {
        std::int64_t fid = 0;
        std::int64_t version = 0;
        std::int64_t value = 0;
        if (what == "made" || what == "changed") {
            in >> fid >> version >> value;
            ++(what == "made" ? made : changed);
            auto const latest = record.versions.find(fid);
            if (!record.states.contains({fid, version, value}) || latest == record.versions.end() ||
                latest->second < version)
                ++missing;
        } else {
            if (what == "perhaps") in >> fid;
            in >> value;
            ++doubtful;
        }
        auto const rows = record.made.find(value);
        if (what.starts_with("made") && rows != record.made.end() && rows->second > 1) ++twice;
    }
    std::cout << fmt::format("{} changes and {} new rows acknowledged, {} missing, {} twice, {} "
                             "without an answer",
                             changed, made, missing, twice, doubtful)
              << std::endl;
    return missing + twice == 0 && made + changed > 0 ? 0 : 1;
}

void tell_load(std::string const& turns, std::int64_t end) {
    struct Of {
        std::size_t turns = 0;
        std::size_t failed = 0;
        std::int64_t slowest_ms = 0;
        std::int64_t back_ms = -1;
    };
    std::array<Of, 3> kinds; // reads of the mirror, of the record, edits
    std::size_t wrong = 0;   // neither an answer nor "not now"
    std::int64_t oldest = 0;
    std::ifstream in{turns};
    std::int64_t at = 0;
    std::string kind;
    int status = 0;
    std::int64_t took = 0;
    std::string age;
    while (in >> at >> kind >> status >> took >> age) {
        bool const edit = kind == "edit";
        bool const of_mirror = std::ranges::find(of_the_mirror, kind) != of_the_mirror.end();
        bool const well = status >= 200 && status < 300;
        // Somebody else may have been faster, where two write.
        bool const outrun = edit && (status == 409 || status == 412);
        auto& of = kinds.at(edit ? 2 : of_mirror ? 0 : 1);
        ++of.turns;
        if (!well && !outrun) ++of.failed;
        if (!well && !outrun && status != 0 && status != 503) ++wrong;
        of.slowest_ms = std::max(of.slowest_ms, took);
        if (well && at >= end && (of.back_ms < 0 || at + took - end < of.back_ms))
            of.back_ms = at + took - end;
        if (age != "-") oldest = std::max(oldest, std::int64_t(std::stoll(age)));
    }
    constexpr std::array<std::string_view, 3> names{"mirror", "record", "edits"};
    for (std::size_t i = 0; i < kinds.size(); ++i)
        std::cout << fmt::format("{0}={1}\n{0}_failed={2}\n{0}_slowest_ms={3}\n{0}_back_ms={4}\n",
                                 names[i], kinds[i].turns, kinds[i].failed, kinds[i].slowest_ms,
                                 kinds[i].back_ms);
    std::cout << fmt::format("wrong={}\noldest_s={}\n", wrong, oldest);
}

} // namespace diaban::crash
