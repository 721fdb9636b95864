#include "services/http/client_limits.hpp"

#include "geo/error.hpp"
#include "services/http/metrics.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace diaban::services::http {

namespace {

/// Whom a bound counts by: the account, or the address.
std::string counted_as(Client const& client, access::Visitor const& visitor) {
    if (visitor.way != access::Visitor::Way::anonymous) return visitor.login;
    auto const& bytes = client.address.bytes;
    bool const version_4 = bytes[10] == 0xff && bytes[11] == 0xff && bytes[0] == 0;
    constexpr std::size_t network = 8; // bytes
    return {bytes.begin(), version_4 ? bytes.end() : bytes.begin() + network};
}

} // namespace

ClientLimits::ClientLimits(ClientBounds bounds)
    : m_bounds{std::move(bounds)},
      m_classes{{{"anonymous", {m_bounds.anonymous, m_bounds.anonymous * m_bounds.burst}},
                 {"signed_in", {m_bounds.signed_in, m_bounds.signed_in * m_bounds.burst}},
                 {"service", {m_bounds.service, m_bounds.service * m_bounds.burst}}}} {}

ClientLimits::Class& ClientLimits::class_of(access::Visitor::Way way) noexcept {
    switch (way) {
    case access::Visitor::Way::anonymous: return m_classes[0];
    case access::Visitor::Way::session: return m_classes[1];
    case access::Visitor::Way::token: return m_classes[2];
    }
    return m_classes[0];
}

void ClientLimits::take(Client const& client, access::Visitor const& visitor) {
    if (client.own) return;
    auto& of = class_of(visitor.way);
    auto const wait = of.limit.take(counted_as(client, visitor), RateLimit::Clock::now());
    if (!wait) return;
    ++of.refused;
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
    throw geo::Error{
        geo::Code::unavailable, "too-many-requests", {{"retry_after", std::to_string(seconds)}}};
}

bool ClientLimits::enter(Address const& peer) {
    if (m_bounds.connections == 0 || m_bounds.trusted.contains(peer)) return true;
    std::lock_guard const lock{m_mutex};
    auto& open = m_connections[peer];
    if (open < m_bounds.connections) {
        ++open;
        return true;
    }
    ++m_turned_away;
    return false;
}

void ClientLimits::leave(Address const& peer) {
    if (m_bounds.connections == 0 || m_bounds.trusted.contains(peer)) return;
    std::lock_guard const lock{m_mutex};
    auto const found = m_connections.find(peer);
    if (found != m_connections.end() && --found->second == 0) m_connections.erase(found);
}

void ClientLimits::write(std::string& out) const {
    out += "# HELP diaban_http_limited_total Requests answered 429, by class of client.\n"
           "# TYPE diaban_http_limited_total counter\n";
    for (auto const& one : m_classes)
        fmt::format_to(std::back_inserter(out), "diaban_http_limited_total{{class=\"{}\"}} {}\n",
                       one.name, one.refused.load());
    write_metric(out, "diaban_http_connections_refused_total", "counter",
                 "Connections turned away because their address had too many.",
                 static_cast<double>(m_turned_away.load()));
}

} // namespace diaban::services::http
