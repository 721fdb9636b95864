// Spans as a collector gets them: OTLP over HTTP in JSON, and what happens where it does not
// answer.

#include "services/traces/tracer.hpp"
#include "tests/services/receiver.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <future>
#include <map>
#include <set>

using namespace diaban;
using namespace diaban::services;
using nlohmann::json;
using tests::World;

namespace {

bool is_hex_id(json const& id, std::size_t digits) {
    auto const text = id.get<std::string>();
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Holds a document to the JSON of opentelemetry-proto's ExportTraceServiceRequest; its spans.
std::vector<json> spans_of(json const& document) {
    std::vector<json> all;
    for (auto const& resource : document.at("resourceSpans")) {
        std::map<std::string, std::string> told;
        for (auto const& attribute : resource.at("resource").at("attributes"))
            told[attribute.at("key")] = attribute.at("value").at("stringValue");
        BOOST_TEST(told["service.name"] == "diaban");
        BOOST_TEST(!told["service.instance.id"].empty());
        for (auto const& scope : resource.at("scopeSpans"))
            for (auto const& span : scope.at("spans")) {
                BOOST_TEST(is_hex_id(span.at("traceId"), 32));
                BOOST_TEST(is_hex_id(span.at("spanId"), 16));
                if (span.contains("parentSpanId")) BOOST_TEST(is_hex_id(span["parentSpanId"], 16));
                BOOST_TEST(!span.at("name").get<std::string>().empty());
                auto const begin = std::stoull(span.at("startTimeUnixNano").get<std::string>());
                auto const end = std::stoull(span.at("endTimeUnixNano").get<std::string>());
                BOOST_TEST(begin <= end);
                for (auto const& attribute : span.at("attributes"))
                    BOOST_TEST((attribute.at("value").contains("stringValue") ||
                                attribute.at("value").contains("intValue")));
                all.push_back(span);
            }
    }
    return all;
}

json const* named(std::vector<json> const& spans, std::string const& name) {
    for (auto const& span : spans)
        if (span["name"] == name) return &span;
    return nullptr;
}

traces::Span any_span() {
    traces::Span span;
    span.trace = std::string(32, 'a');
    span.id = std::string(16, 'b');
    span.name = "x";
    return span;
}

} // namespace

BOOST_AUTO_TEST_SUITE(seeing_traces)

BOOST_AUTO_TEST_CASE(a_collector_gets_a_request_its_sql_and_its_cut_in_the_senders_trace) {
    tests::Receiver collector;
    World const world{[&](Settings& settings) {
        settings.traces = "http://" + collector.host() + "/v1/traces";
        settings.trace_ratio = 0; // only what the sender decided about
    }};
    auto const fields = [](char last) {
        return std::string{"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"} +
               last + "\r\n";
    };
    BOOST_TEST(world.get("/collections/blocks/items?limit=1", fields('1')).status == 200);
    BOOST_TEST(world.get("/collections/ways/items?limit=1", fields('0')).status == 200);
    BOOST_TEST(world.get("/tiles/blocks/19/1/1.mvt", fields('1')).status < 300);
    std::vector<json> spans;
    for (std::size_t posts = 1; posts < 20; ++posts) {
        spans.clear();
        for (auto const& posted : collector.posted(posts)) {
            BOOST_TEST(posted.fields.at("content-type") == "application/json");
            for (auto& span : spans_of(json::parse(posted.body))) spans.push_back(span);
        }
        if (named(spans, "cut blocks") != nullptr) break;
    }
    auto const* const request = named(spans, "GET /collections/{collectionId}/items");
    BOOST_REQUIRE(request != nullptr);
    BOOST_TEST((*request)["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736");
    BOOST_TEST((*request)["parentSpanId"] == "00f067aa0ba902b7");
    BOOST_TEST((*request)["kind"] == 2);
    auto const* const sql = named(spans, "SQL");
    BOOST_REQUIRE(sql != nullptr);
    BOOST_TEST((*sql)["parentSpanId"] == (*request)["spanId"]);
    for (auto const& span : spans) // the one that was not to be traced
        BOOST_TEST(span.dump().find("/ways/") == std::string::npos);
    BOOST_TEST(world.get("/metrics").body.find("diaban_traces_dropped_total 0") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(where_the_collector_does_not_answer_spans_are_dropped_and_nobody_waits) {
    std::promise<void> answer;
    auto const answered = answer.get_future().share();
    traces::TracerOptions options;
    options.queue = 10;
    options.rest = std::chrono::milliseconds{1};
    auto const begin = std::chrono::steady_clock::now();
    {
        traces::Tracer tracer{options, [answered](std::string const&) {
                                  answered.wait();
                                  return false;
                              }};
        for (int i = 0; i < 1000; ++i) tracer.end(any_span());
        auto const took = std::chrono::steady_clock::now() - begin;
        BOOST_TEST((took < std::chrono::seconds{1}));
        auto const counted = tracer.counters();
        BOOST_TEST(counted.queued <= 10U);
        BOOST_TEST(counted.dropped >= 980U); // ten wait, ten are being sent
        answer.set_value();
    }
}

BOOST_AUTO_TEST_CASE(so_many_of_a_hundred_traces_are_kept_and_the_same_ones_at_every_node) {
    traces::TracerOptions options;
    options.ratio = 0.25;
    auto const nowhere = [](std::string const&) { return true; };
    traces::Tracer const one{options, nowhere};
    traces::Tracer const other{options, nowhere};
    int kept = 0;
    for (int i = 0; i < 256; ++i) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", unsigned(i));
        auto const trace = std::string(18, '0') + digits + std::string(12, '7');
        BOOST_TEST(one.keeps(trace) == other.keeps(trace));
        kept += one.keeps(trace) ? 1 : 0;
    }
    BOOST_TEST(kept == 64);
    options.ratio = 0;
    BOOST_TEST(!traces::Tracer(options, nowhere).keeps(std::string(32, '0')));
}

BOOST_AUTO_TEST_SUITE_END()
