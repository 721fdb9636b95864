#include "services/domain/webhook_sender.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/access/fetch.hpp"
#include "services/access/webhook_signature.hpp"
#include "services/domain/puller.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

namespace diaban::services::domain {

namespace {

constexpr std::chrono::milliseconds between_looks{200};
constexpr std::chrono::hours between_tidying{1};

/// Who in the house did what with an alert is nobody else's.
constexpr char const* told[] = {
    "fid",         "identifier",     "kind",  "level",     "state",    "severity",
    "urgency",     "certainty",      "event", "event_en",  "headline", "headline_en",
    "description", "description_en", "onset", "opened_at", "expires",  "source_kind",
    "source",      "object",         "zone",  "scope"};

data::postgis::PoolOptions own_connections(std::string const& database, unsigned size) {
    data::postgis::PoolOptions options;
    options.uri = database;
    options.role = data::postgis::Role::edit;
    options.size = size;
    options.wait = std::chrono::seconds{10};
    options.statement_timeout = std::chrono::seconds{10};
    return options;
}

std::int64_t seconds_now() {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

std::string webhook_body(data::model::Posting const& posting) {
    auto const said = nlohmann::json::parse(posting.said);
    nlohmann::ordered_json alert = nlohmann::ordered_json::object();
    for (auto const* const name : told)
        if (auto const found = said.find(name); found != said.end()) alert[name] = *found;
    std::string sent;
    geo::codec::append_instant(sent, posting.sent);
    auto type = posting.type;
    std::ranges::transform(type, type.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return nlohmann::ordered_json{
        {"type", "alert." + type},
        {"timestamp", sent},
        {"data",
         {{"message", posting.message}, {"refers", posting.refers}, {"alert", std::move(alert)}}}}
        .dump();
}

WebhookSender::WebhookSender(std::string const& database, WebhookOptions options)
    : m_options{options}, m_pool{own_connections(database, options.threads + 2)}, m_store{m_pool},
      m_hosts{m_pool} {}

void WebhookSender::start() {
    for (unsigned i = 0; i < m_options.threads; ++i)
        m_threads.emplace_back([this](std::stop_token const& stop) { run(stop); });
}

void WebhookSender::stop() {
    for (auto& thread : m_threads) thread.request_stop();
    m_threads.clear();
}

void WebhookSender::run(std::stop_token const& stop) {
    std::chrono::steady_clock::time_point tidied{};
    while (!stop.stop_requested()) {
        try {
            auto const try_one = [this](data::model::Posting const& posting) {
                return attempt(posting);
            };
            while (!stop.stop_requested() && m_store.deliver(try_one)) {
            }
            if (std::chrono::steady_clock::now() - tidied > between_tidying) {
                m_store.tidy();
                tidied = std::chrono::steady_clock::now();
            }
        } catch (geo::Error const& error) {
            spdlog::debug("webhooks: {}", error.what());
        }
        std::unique_lock lock{m_mutex};
        m_wake.wait_for(lock, stop, between_looks, [] { return false; });
    }
}

data::model::Receipt WebhookSender::attempt(data::model::Posting const& posting) const {
    data::model::Receipt receipt;
    try {
        if (!may_be_asked(posting.url, m_hosts.hosts()))
            throw geo::Error{
                geo::Code::forbidden,
                "pull-refused",
                {{"value", posting.url.substr(0, 200)}, {"reason", "diaban.pull_host"}}};
        access::Fetch wanted;
        wanted.url = posting.url;
        wanted.reach = &m_options.reach;
        wanted.document = webhook_body(posting);
        auto const at = seconds_now();
        wanted.fields = {"webhook-id: " + posting.message, fmt::format("webhook-timestamp: {}", at),
                         "webhook-signature: " + access::webhook_signature(posting.secret,
                                                                           posting.message, at,
                                                                           *wanted.document)};
        auto const answer = access::fetch(wanted);
        receipt.status = int(answer.status);
        receipt.taken = answer.status >= 200 && answer.status < 300;
        if (!receipt.taken) receipt.fault = fmt::format("HTTP {}", answer.status);
    } catch (geo::Error const& error) {
        receipt.fault = pull_sentence(error.type(), error.parameters());
    }
    if (receipt.taken) return receipt;
    receipt.gives_up = posting.attempts + 1 >= m_options.most_attempts;
    auto const tries = receipt.gives_up ? 0 : std::min(posting.attempts, 30);
    auto const doubled = m_options.first_pause * (std::int64_t{1} << tries);
    auto const pause = std::min<std::chrono::microseconds>(doubled, m_options.most_pause).count();
    thread_local std::minstd_rand random{std::random_device{}()};
    receipt.rest = pause / 2 + std::uniform_int_distribution<std::int64_t>{0, pause / 2}(random);
    return receipt;
}

} // namespace diaban::services::domain
