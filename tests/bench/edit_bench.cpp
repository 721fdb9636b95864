// How many edits a second a running server takes over HTTP, each from the state that was read, each
// answered when the map shows it; prints a line of the table of ./run bench.

#include "tests/services/raw_client.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace diaban;
using Clock = std::chrono::steady_clock;

namespace {

struct Options {
    std::string database;
    std::string collection = "parcels";
    std::string field = "area_m2";
    std::uint16_t port = 8080;
    unsigned clients = 16;
    double seconds = 8;
};

std::vector<std::int64_t> some_fids(Options const& options) {
    pqxx::connection sql{options.database};
    pqxx::nontransaction work{sql};
    std::vector<std::int64_t> fids;
    for (auto const row :
         work.exec_params("SELECT fid FROM record." + work.quote_name(options.collection) +
                              " ORDER BY fid LIMIT $1",
                          options.clients * 200))
        fids.push_back(row[0].as<std::int64_t>());
    return fids;
}

/// A browser's connection, which edits rows of its own one after the other.
class Editor {
public:
    Editor(Options const& options, std::vector<std::int64_t> fids)
        : m_options{options}, m_wire{options.port}, m_fids{std::move(fids)} {
        for (auto const fid : m_fids) m_tags.push_back(ask("GET", fid, "", "").field("etag"));
    }

    void edit() {
        auto const at = m_next++ % m_fids.size();
        auto const body = fmt::format(R"({{"properties":{{"{}":{}}}}})", m_options.field, m_next);
        auto const answer = ask(
            "PATCH", m_fids[at],
            fmt::format("Content-Type: application/merge-patch+json\r\nPrefer: return=minimal\r\n"
                        "If-Match: {}\r\nContent-Length: {}\r\n",
                        m_tags[at], body.size()),
            body);
        if (answer.status != 204)
            throw std::runtime_error{fmt::format("{}: {}", answer.status, answer.body)};
        if (answer.fields.contains("diaban-mirror"))
            throw std::runtime_error{"the mirror is behind"};
        m_tags[at] = answer.field("etag");
    }

private:
    tests::RawAnswer ask(std::string_view method, std::int64_t fid, std::string const& fields,
                         std::string const& body) {
        m_wire.send(fmt::format("{} /collections/{}/items/{} HTTP/1.1\r\nHost: localhost\r\n"
                                "Connection: keep-alive\r\n{}\r\n{}",
                                method, m_options.collection, fid, fields, body));
        auto answer = m_wire.read();
        if (!answer) throw std::runtime_error{"no answer"};
        return *answer;
    }

    Options const& m_options;
    tests::RawClient m_wire;
    std::vector<std::int64_t> m_fids;
    std::vector<std::string> m_tags;
    std::size_t m_next = 0;
};

void run(Options const& options) {
    auto const fids = some_fids(options);
    std::vector<std::unique_ptr<Editor>> editors;
    for (unsigned i = 0; i < options.clients; ++i) {
        std::vector<std::int64_t> own;
        for (std::size_t k = i; k < fids.size(); k += options.clients) own.push_back(fids[k]);
        editors.push_back(std::make_unique<Editor>(options, std::move(own)));
    }
    std::mutex mutex;
    std::vector<double> took;
    std::string fault;
    auto const start = Clock::now();
    auto const end = start + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(options.seconds));
    {
        std::vector<std::jthread> crew;
        for (auto& editor : editors)
            crew.emplace_back([&, one = editor.get()] {
                std::vector<double> own;
                try {
                    while (Clock::now() < end) {
                        auto const begin = Clock::now();
                        one->edit();
                        own.push_back(
                            std::chrono::duration<double, std::milli>(Clock::now() - begin)
                                .count());
                    }
                } catch (std::exception const& failure) {
                    std::lock_guard const lock{mutex};
                    fault = failure.what();
                }
                std::lock_guard const lock{mutex};
                took.insert(took.end(), own.begin(), own.end());
            });
    }
    if (!fault.empty()) throw std::runtime_error{fault};
    auto const seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(took.begin(), took.end());
    std::cout << fmt::format("{:.0f}\n", double(took.size()) / seconds);
    std::cerr << fmt::format(
        "{} edits by {} clients; median {:.1f} ms, p99 {:.1f}, largest {:.1f}\n", took.size(),
        options.clients, took[took.size() / 2], took[took.size() * 99 / 100], took.back());
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Edits a second over HTTP"};
    Options options;
    app.add_option("--database", options.database, "URI of a superuser")->required();
    app.add_option("--collection", options.collection, "A collection")->capture_default_str();
    app.add_option("--field", options.field, "A number of it")->capture_default_str();
    app.add_option("--port", options.port, "Port of the node")->capture_default_str();
    app.add_option("--clients", options.clients, "At once")->capture_default_str();
    app.add_option("--seconds", options.seconds, "For so long")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        run(options);
    } catch (std::exception const& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
    return 0;
}
