// How soon a running server with a loaded province names a place, a position, and tells a place's
// whole file: over HTTP, one after another. Prints lines of the table of ./run bench.

#include "services/http/uri.hpp"
#include "tests/bench/table.hpp"
#include "tests/services/raw_client.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

using namespace diaban;

namespace {

/// Asks on one connection that is kept.
class Asker {
public:
    explicit Asker(std::uint16_t port) : m_wire{port} {}

    /// Milliseconds from the request to the whole answer.
    double time(std::string const& target) {
        auto const start = std::chrono::steady_clock::now();
        m_wire.send("GET " + target +
                    " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
        auto const answer = m_wire.read(std::chrono::seconds{30});
        if (!answer || answer->status != 200)
            throw std::runtime_error{target + ": " + (answer ? answer->body : "no answer")};
        auto const took = std::chrono::steady_clock::now() - start;
        return std::chrono::duration<double, std::milli>(took).count();
    }
    std::vector<double> times(std::vector<std::string> const& targets) {
        std::vector<double> all;
        for (auto const& target : targets) all.push_back(time(target));
        return all;
    }

private:
    tests::RawClient m_wire;
};

/// Targets made of the first column, `{}` standing for it percent-encoded.
std::vector<std::string> targets_of(pqxx::connection& sql, std::string const& query,
                                    std::string_view pattern) {
    std::vector<std::string> targets;
    pqxx::work work{sql};
    for (auto const row : work.exec(query))
        targets.push_back(
            fmt::format(fmt::runtime(pattern), services::http::percent_encode(row[0].c_str())));
    return targets;
}

/// One letter of each text is another.
void mistype(std::vector<std::string>& texts, std::size_t from) {
    std::mt19937_64 random{17};
    for (auto& text : texts) {
        auto at = from + random() % (text.size() - from);
        while (text[at] < 'a' || text[at] > 'z') at = from + random() % (text.size() - from);
        text[at] = static_cast<char>('a' + random() % 26);
    }
}

/// Positions in Hà Tĩnh's box.
std::vector<std::string> positions(std::size_t count) {
    std::mt19937_64 random{23};
    std::uniform_real_distribution<double> lon{105.1, 106.5};
    std::uniform_real_distribution<double> lat{17.9, 18.75};
    std::vector<std::string> targets;
    for (std::size_t i = 0; i < count; ++i)
        targets.push_back(
            fmt::format("/geocode/reverse?lon={:.6f}&lat={:.6f}", lon(random), lat(random)));
    return targets;
}

} // namespace

int main(int count, char** words) {
    CLI::App app{"Names, positions and files of places"};
    std::string database;
    std::string lines;
    std::uint16_t port = 0;
    app.add_option("--database", database)->required();
    app.add_option("--port", port)->required();
    app.add_option("--lines", lines, "file that the lines are appended to");
    CLI11_PARSE(app, count, words);

    pqxx::connection sql{database};
    Asker asker{port};
    bench::Table table{lines};
    constexpr std::string_view asked = "/geocode?q=";
    // One letter in six leaves several names equally near; two of three names are of communes.
    auto names =
        targets_of(sql,
                   "select diaban.fold(full_name) from record.places order by fid % 97, fid "
                   "limit 3000",
                   "/geocode?q={}");
    auto const things = targets_of(sql,
                                   "select name from record.facilities union select name from "
                                   "record.streets where name is not "
                                   "null limit 1000",
                                   "/geocode?q={}");
    mistype(names, asked.size());
    table.line("the first name asked of a server", asker.time(names.front()), 0, "-", "<= 10 ms");
    table.line("a unit's name with an error, over HTTP, p99",
               bench::quantile(asker.times(names), 0.99), 0, "-", "<= 10 ms");
    table.line("a street's or facility's name, over HTTP, p99",
               bench::quantile(asker.times(things), 0.99), 0, "-", "<= 10 ms");
    auto const reverse = positions(2000);
    table.line("the first position asked of a server", asker.time(reverse.front()), 0, "-",
               "<= 10 ms");
    table.line("what a position is called, p99", bench::quantile(asker.times(reverse), 0.99), 0,
               "-", "<= 10 ms");
    auto const communes = targets_of(sql,
                                     "select code from record.places where level = 'commune' and "
                                     "province_code = '42' and valid_to is null",
                                     "/places/{}");
    table.line("the file of a commune, the first", asker.time(communes.front()), 0, "-",
               "<= 50 ms");
    auto all = asker.times(communes);
    table.line(fmt::format("the file of a commune, p99 of {}", all.size()),
               bench::quantile(all, 0.99), 0, "-", "<= 50 ms");
    table.line("the file of the province, the first", asker.time("/places/42"), 0, "-", "<= 50 ms");
    table.line("the file of the province, p99",
               bench::quantile(asker.times(std::vector<std::string>(200, "/places/42")), 0.99), 0,
               "-", "<= 50 ms");
    return 0;
}
