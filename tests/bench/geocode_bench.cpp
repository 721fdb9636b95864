// Names of every unit of both lists, typed without accents and with one error, beside what
// PostgreSQL finds of the same by trigrams. Prints lines of the table of ./run bench.

#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "services/domain/fold.hpp"
#include "services/domain/gazetteer.hpp"
#include "services/domain/loader.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace diaban;

namespace {

struct Typed {
    std::string text;
    std::int64_t fid = 0;
};

/// The whole name of each unit with one letter wrong, as the record spells it.
std::vector<Typed> typed_names(pqxx::connection& sql) {
    pqxx::work work{sql};
    std::mt19937_64 random{11};
    std::vector<Typed> names;
    for (auto const row : work.exec(
             "select p.fid, diaban.fold(p.full_name || ' ' || coalesce(d.full_name, '') || ' ' || "
             "coalesce(case when p.level <> 'province' then v.full_name end, '')) from "
             "record.places p left join record.places d on d.code = p.district_code and d.level = "
             "'district' and p.level = 'commune' and d.valid_from = p.valid_from left join "
             "record.places v on v.code = p.province_code and v.level = 'province' and "
             "v.valid_from = p.valid_from order by p.fid")) {
        Typed name{row[1].c_str(), row[0].as<std::int64_t>()};
        auto at = random() % name.text.size();
        while (name.text[at] < 'a' || name.text[at] > 'z') at = random() % name.text.size();
        name.text[at] = static_cast<char>('a' + random() % 26);
        names.push_back(std::move(name));
    }
    return names;
}

/// The same question by trigrams: the most similar whole name.
double trigram_time(pqxx::connection& sql, std::vector<Typed> const& names) {
    pqxx::work work{sql};
    work.exec("create temporary table typed on commit drop as select p.fid, "
              "diaban.fold(p.full_name || ' ' || coalesce(d.full_name, '') || ' ' || "
              "coalesce(v.full_name, '')) as name from record.places p left join record.places d "
              "on d.code = p.district_code and d.level = 'district' and d.valid_from = "
              "p.valid_from left join record.places v on v.code = p.province_code and v.level = "
              "'province' and v.valid_from = p.valid_from");
    work.exec("create index on typed using gist (name gist_trgm_ops)");
    std::vector<double> times;
    constexpr std::size_t every = 100;
    for (std::size_t i = 0; i < names.size(); i += every)
        times.push_back(bench::measured(bench::thread_time, [&] {
                            work.exec_params("select fid from typed order by name <-> $1 limit 1",
                                             names[i].text);
                        }).wall);
    return bench::quantile(times, 0.99);
}

} // namespace

int main(int count, char** words) {
    CLI::App app{"Names of units, typed with an error"};
    std::string database;
    std::string lines;
    app.add_option("--database", database)->required();
    app.add_option("--lines", lines, "file that the lines are appended to");
    CLI11_PARSE(app, count, words);

    data::postgis::Pool pool{data::postgis::for_long_work(database)};
    auto view = std::make_shared<services::domain::View>();
    view->collection = data::postgis::Collections{pool}.get("places");
    data::postgis::CopyLine line{database};
    view->layer = services::domain::copy_collection(line, view->collection, 1).layer;
    view->places = services::domain::read_places(database, view->collection, *view->layer);
    services::domain::Gazetteer const gazetteer{{view}};
    auto const everyone = geo::Policy::everything();
    auto const policy = [&](std::string_view) { return &everyone; };

    pqxx::connection sql{database};
    auto const names = typed_names(sql);
    std::vector<double> times;
    std::size_t right = 0;
    for (auto const& [text, fid] : names) {
        std::vector<services::domain::NameMatch> found;
        times.push_back(bench::measured(bench::thread_time, [&] {
                            found = gazetteer.find(text, 10, 2, policy);
                        }).wall);
        right += !found.empty() && found.front().named->fid == fid;
    }
    bench::Table table{lines};
    table.line(fmt::format("a name of {} with an error, p99", names.size()),
               bench::quantile(times, 0.99), trigram_time(sql, names), "pg_trgm", "<= 10 ms");
    table.line("right first answers", 100 * double(right) / double(names.size()), 0, "-", ">= 99",
               "%");
    return 0;
}
