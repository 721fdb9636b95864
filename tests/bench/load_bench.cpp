// Mixed traffic of many maps, sent when it is due whether or not the server keeps up: how much is
// answered in time, at rising rates and past what the server can do. Prints an object of JSON a
// step.

#include "tests/bench/load_client.hpp"
#include "tests/bench/load_paths.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

using namespace diaban;

namespace {

struct Options {
    std::uint16_t port = 8080;
    std::string session; ///< paths and how often each is asked
    std::string places;  ///< where they are asked for
    double first = 200;
    double factor = 1.5;
    double seconds = 6;
    unsigned connections = 600;
    double patience = 5; ///< seconds until a browser gives up
    unsigned cores = 0;  ///< of the server, as the output calls it
    std::string json;
};

/// The knee is the highest rate at which all is answered, 99 of 100 within this.
constexpr double bearable_ms = 250;

bool is_borne(bench::Step const& step) {
    return step.goodput() >= 0.98 * step.rate && step.quantile(0.99) <= bearable_ms;
}

class Report {
public:
    explicit Report(Options const& options) : m_cores{options.cores} {
        if (!options.json.empty()) m_file.open(options.json, std::ios::app);
    }
    void step(char const* what, bench::Step const& step) {
        write(fmt::format(
            "{{\"what\": \"{}\", \"cores\": {}, \"offered\": {:.0f}, \"goodput\": {:.1f}, "
            "\"refused\": {:.1f}, \"failed\": {:.1f}, \"without_retry_after\": {}, "
            "\"p50_ms\": {:.2f}, \"p99_ms\": {:.2f}, \"refusal_p99_ms\": {:.2f}}}",
            what, m_cores, step.rate, step.goodput(), step.refused(), step.failed(),
            step.without_retry_after, step.quantile(0.5), step.quantile(0.99),
            step.refusal_quantile(0.99)));
    }
    void recovery(double seconds) {
        write(fmt::format("{{\"what\": \"recovery\", \"cores\": {}, \"seconds\": {:.1f}}}", m_cores,
                          seconds));
    }

private:
    void write(std::string const& line) {
        std::cout << line << std::endl;
        if (m_file.is_open()) m_file << line << std::endl;
    }
    unsigned m_cores;
    std::ofstream m_file;
};

void run(Options const& options) {
    bench::LoadPaths paths{options.session, options.places};
    bench::LoadClient client{options.port, options.connections, options.patience};
    Report report{options};
    auto const run = [&](double rate, double seconds) { return client.run(paths, rate, seconds); };
    run(options.first / 2, 3); // what is cold is cut, what is unconnected connects
    double knee = 0;
    bench::Step best;
    for (double rate = options.first; rate < 1e6; rate *= options.factor) {
        auto const step = run(rate, options.seconds);
        report.step("step", step);
        if (!is_borne(step)) break;
        knee = rate;
        best = step;
    }
    if (knee == 0) throw std::runtime_error{"not even the first rate is borne"};
    report.step("knee", best);
    for (double const past : {1.5, 2.0}) report.step("past", run(past * knee, 2 * options.seconds));
    // At once: how long until a second is again as it was at this rate.
    auto const after = run(knee / 2, 10);
    report.step("after", after);
    report.recovery(after.recovered(bearable_ms));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Mixed traffic at rising rates"};
    Options options;
    app.add_option("--port", options.port, "HTTP port")->required();
    app.add_option("--session", options.session, "What is asked: share, method, path, by tabs")
        ->required();
    app.add_option("--places", options.places, "Where: fid, lon, lat, by tabs")->required();
    app.add_option("--first", options.first, "First rate, requests a second")
        ->capture_default_str();
    app.add_option("--factor", options.factor, "From a rate to the next")->capture_default_str();
    app.add_option("--seconds", options.seconds, "At each rate")->capture_default_str();
    app.add_option("--connections", options.connections, "At most")->capture_default_str();
    app.add_option("--cores", options.cores, "Of the server, for the output")
        ->capture_default_str();
    app.add_option("--json", options.json, "A file that the steps are added to");
    CLI11_PARSE(app, argc, argv);
    run(options);
    return 0;
}
