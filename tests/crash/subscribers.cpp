#include "tests/crash/subscribers.hpp"

#include "tests/services/event_source.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

namespace diaban::crash {
namespace {

namespace fs = std::filesystem;

constexpr int parts_a_side = 5;
constexpr std::chrono::milliseconds quiet{500};
constexpr std::chrono::milliseconds between_tries{20};

/// Boxes as `bbox` takes them; the first of everywhere.
std::vector<std::string> boxes_of(std::string const& database) {
    pqxx::connection sql{database};
    pqxx::nontransaction work{sql};
    auto const ground = work.exec1("SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM "
                                   "(SELECT ST_Extent(geom) AS e FROM record.parcels) AS all_rows");
    auto const west = ground[0].as<double>();
    auto const south = ground[1].as<double>();
    auto const wide = (ground[2].as<double>() - west) / parts_a_side;
    auto const high = (ground[3].as<double>() - south) / parts_a_side;
    std::vector<std::string> boxes{"-180,-90,180,90"};
    for (int x = 0; x < parts_a_side; ++x)
        for (int y = 0; y < parts_a_side; ++y)
            boxes.push_back(fmt::format("{},{},{},{}", west + x * wide, south + y * high,
                                        west + (x + 1) * wide, south + (y + 1) * high));
    return boxes;
}

/// From the last event on, each time the stream ends.
void follow(std::uint16_t port, std::string const& box, fs::path const& file, fs::path const& end) {
    std::ofstream log{file};
    log << box << '\n';
    std::string last_id;
    for (;;) {
        try {
            tests::EventSource source{
                port, "collections=parcels&kinds=create,update,delete&bbox=" + box, last_id};
            if (source.status() != 200) throw std::runtime_error{"no stream"};
            for (;;) {
                auto const event = source.next(quiet);
                if (!event && fs::exists(end)) return;
                if (!event && source.ended()) break;
                if (!event) continue;
                last_id = event->id;
                if (event->name == "alive") continue;
                log << event->name << ' ' << event->data.value("fid", std::int64_t{0}) << ' '
                    << event->data.value("version", std::int64_t{0}) << '\n'
                    << std::flush;
            }
        } catch (std::exception const&) { // not up yet
            std::this_thread::sleep_for(between_tries);
        }
    }
}

/// The feed as one sees it who watches a box.
std::vector<std::string> fed(pqxx::transaction_base& work, std::string const& box,
                             std::int64_t seq) {
    std::vector<std::string> changes;
    for (auto const row : work.exec_params(
             "WITH watched AS (SELECT string_to_array($2, ',')::float8[] AS b), sides AS ("
             "SELECT seq, fid, old_version, new_version, "
             "coalesce(old_box[1] <= b[3] AND old_box[3] >= b[1] AND "
             "         old_box[2] <= b[4] AND old_box[4] >= b[2], false) AS before, "
             "coalesce(new_box[1] <= b[3] AND new_box[3] >= b[1] AND "
             "         new_box[2] <= b[4] AND new_box[4] >= b[2], false) AS after "
             "FROM diaban.change, watched "
             "WHERE seq > $1 AND collection = 'parcels' AND operation <> 'import') "
             "SELECT CASE WHEN NOT before THEN 'create' WHEN after THEN 'update' ELSE 'delete' "
             "END, fid, CASE WHEN after THEN new_version ELSE old_version END "
             "FROM sides WHERE before OR after ORDER BY seq",
             seq, box))
        changes.push_back(fmt::format("{} {} {}", row[0].c_str(), row[1].c_str(), row[2].c_str()));
    return changes;
}

struct Told {
    std::string box;
    std::vector<std::string> changes;
    std::size_t connections = 0;
};

Told told(fs::path const& file) {
    Told all;
    std::ifstream in{file};
    std::getline(in, all.box);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("start"))
            ++all.connections;
        else
            all.changes.push_back(line);
    return all;
}

} // namespace

void listen(std::string const& database, std::uint16_t port, std::string const& logs,
            std::string const& end) {
    std::vector<std::jthread> crowd;
    for (auto const& box : boxes_of(database)) {
        auto const file = fs::path{logs} / fmt::format("{}.told", crowd.size());
        crowd.emplace_back([=] { follow(port, box, file, end); });
    }
}

int heard(std::string const& database, std::string const& logs, std::int64_t seq) {
    pqxx::connection sql{database};
    pqxx::nontransaction work{sql};
    std::size_t subscribers = 0;
    std::size_t wrong = 0;
    std::size_t changes = 0;
    std::size_t connections = 0;
    for (auto const& file : fs::directory_iterator{logs}) {
        auto const seen = told(file.path());
        auto const expected = fed(work, seen.box, seq);
        ++subscribers;
        changes += seen.changes.size();
        connections += seen.connections;
        if (seen.changes == expected) continue;
        ++wrong;
        auto const apart = std::size_t(std::mismatch(seen.changes.begin(), seen.changes.end(),
                                                     expected.begin(), expected.end())
                                           .first -
                                       seen.changes.begin());
        std::cout << fmt::format("in {}: apart from the {}th on: told {}, fed {}; ", seen.box,
                                 apart + 1,
                                 apart < seen.changes.size() ? seen.changes[apart] : "nothing",
                                 apart < expected.size() ? expected[apart] : "nothing");
    }
    std::cout << fmt::format("{} subscribers, {} changes told over {} connections, {} told wrong",
                             subscribers, changes, connections, wrong)
              << std::endl;
    return wrong == 0 && subscribers > 0 ? 0 : 1;
}

} // namespace diaban::crash
