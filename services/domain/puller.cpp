#include "services/domain/puller.hpp"

#include "geo/error.hpp"
#include "services/http/messages.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace diaban::services::domain {

namespace {

constexpr std::chrono::seconds between_looks{1};

} // namespace

std::string pull_sentence(std::string const& type, geo::Error::Parameters const& parameters) {
    return http::fill(http::sentence_of(type).detail_vi, parameters);
}

bool may_be_asked(std::string_view url, Hosts const& hosts) {
    auto const scheme = url.find("://");
    if (scheme == std::string_view::npos) return false;
    if (url.substr(0, scheme) != "http" && url.substr(0, scheme) != "https") return false;
    auto const rest = url.substr(scheme + 3);
    auto const host = rest.substr(0, rest.find_first_of("/?#"));
    // No user, and nothing that another reader of addresses might end the host at.
    bool const plain = std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':';
    });
    if (host.empty() || !plain) return false;
    return hosts.contains(host);
}

Puller::Puller(data::postgis::PullStore const& store, std::vector<PullKind> kinds, Get get)
    : m_store{store}, m_kinds{std::move(kinds)}, m_get{std::move(get)} {}

void Puller::start() {
    m_rounds.start({between_looks}, [this](std::stop_token const& stop) {
        for (auto const& kind : m_kinds) look(kind, stop);
    });
}

void Puller::look(PullKind const& kind, std::stop_token const& stop) {
    try {
        for (auto const& source : kind.sources()) {
            if (stop.stop_requested()) return;
            if (m_store.claim(kind.collection, source.fid, source.every_minutes)) ask(kind, source);
        }
    } catch (geo::Error const& error) {
        spdlog::debug("{}: {}", kind.collection, error.what());
    }
}

void Puller::ask(PullKind const& kind, PullSource const& source) {
    std::string fault;
    try {
        if (!may_be_asked(source.url, m_store.hosts()))
            throw geo::Error{
                geo::Code::forbidden,
                "pull-refused",
                {{"value", source.url.substr(0, 200)}, {"reason", "diaban.pull_host"}}};
        auto const stored = kind.take(source, m_get(source.url));
        m_store.tell_good(kind.collection, source.fid, stored);
        return;
    } catch (geo::Error const& error) {
        fault = pull_sentence(error.type(), error.parameters());
    } catch (nlohmann::json::exception const&) {
        fault = pull_sentence("bad-json", {{"value", "?"}});
    }
    spdlog::warn("{} {}: {}", kind.collection, source.fid, fault);
    m_store.tell_fault(kind.collection, source.fid, fault);
}

} // namespace diaban::services::domain
