// How soon a running server answers the first and the ten-thousandth page of a collection's items,
// and how many items a second it sends as GeoJSON. Prints milliseconds and items a second for ./run
// bench.

#include "tests/bench/table.hpp"
#include "tests/services/raw_client.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace diaban;

namespace {

class Reader {
public:
    explicit Reader(std::uint16_t port) : m_wire{port} {}

    /// The body of a page.
    std::string page(std::string const& target) {
        m_wire.send("GET " + target +
                    " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
        auto answer = m_wire.read(std::chrono::seconds{30});
        if (!answer || answer->status != 200)
            throw std::runtime_error{target + ": " + (answer ? answer->body : "no answer")};
        m_next = next_of(*answer);
        return std::move(answer->body);
    }
    /// The page behind the last one; empty behind the last of all.
    [[nodiscard]] std::string const& next() const noexcept { return m_next; }

private:
    static std::string next_of(tests::RawAnswer const& answer) {
        std::string_view const links = answer.fields.find("link")->second;
        auto const end = links.find(">; rel=\"next\"");
        if (end == links.npos) return {};
        auto const begin = links.rfind('<', end) + 1;
        auto const href = links.substr(begin, end - begin);
        return std::string{href.substr(href.find('/', 8))};
    }

    tests::RawClient m_wire;
    std::string m_next;
};

/// `limit=100` in place of another.
std::string with_limit(std::string target, int limit) {
    auto const begin = target.find("limit=") + 6;
    return target.replace(begin, target.find('&', begin) - begin, std::to_string(limit));
}

/// The address of page 10,000 of a hundred items each.
std::string far_page(Reader& reader, std::string target) {
    target = with_limit(target, 10'000);
    for (int i = 0; i < 99; ++i) {
        reader.page(target);
        target = reader.next();
    }
    target = with_limit(target, 100);
    for (int i = 0; i < 99; ++i) {
        reader.page(target);
        target = reader.next();
    }
    return target;
}

void pages(Reader& reader, bench::Table& table, std::string const& what, std::string const& query) {
    auto const near = "/collections/parcels/items?limit=100&f=json" + query;
    auto const far = far_page(reader, near);
    std::vector<double> first;
    std::vector<double> last;
    constexpr int rounds = 301;
    for (int i = 0; i < rounds; ++i)
        for (auto const& [times, target] : {std::pair{&first, &near}, {&last, &far}})
            times->push_back(
                bench::measured([] { return 0.0; }, [&] { reader.page(*target); }).wall);
    table.line(what, bench::quantile(last, 0.5), bench::quantile(first, 0.5), "page 1", ">= 0.83");
}

double items_a_second(Reader& reader, int count) {
    constexpr int a_page = 10'000;
    std::string target = fmt::format("/collections/parcels/items?limit={}&f=json", a_page);
    auto const time = bench::measured([] { return 0.0; },
                                      [&] {
                                          for (int got = 0; got < count; got += a_page) {
                                              reader.page(target);
                                              target = reader.next();
                                          }
                                      });
    return count / time.wall * 1e3;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Pages of items of a running server"};
    std::uint16_t port = 8080;
    std::string lines;
    int items = 0;
    app.add_option("--port", port, "of the server");
    app.add_option("--lines", lines, "file of the table");
    app.add_option("--items", items, "only say how many a second it sends, of so many");
    CLI11_PARSE(app, argc, argv);
    Reader reader{port};
    if (items > 0) {
        std::cout << fmt::format("{:.0f}", items_a_second(reader, items)) << std::endl;
        return 0;
    }
    bench::Table table{lines};
    pages(reader, table, "page 10,000 of items", "");
    pages(reader, table, "page 10,000 of items, sorted", "&sortby=land_use,-parcel_number");
    pages(reader, table, "page 10,000 of items under a filter", "&filter=sheet%20%3E%200");
    return 0;
}
