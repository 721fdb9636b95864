#pragma once

#include "services/domain/atlas.hpp"
#include "services/http/application.hpp"
#include "services/http/router.hpp"
#include "services/live/live_edge.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace diaban::services::api {

/// `/live` on the HTTP port: answers where the live channel is (307), so that a client needs to
/// know one address only. A proxy may as well send `/live` to the live port itself.
void add_live(http::Router& router, std::function<std::uint16_t()> port);

/// `/live` on the live port: `collections`, `bbox` and `kinds` say of what; `Last-Event-ID`, or
/// `after` where a client cannot set it, from where.
class LiveDoor : public live::Door {
public:
    /// `options` have a gate.
    LiveDoor(domain::Atlas const& atlas, http::ApplicationOptions options, std::size_t connections);
    /// What those who are turned away are told of the bound.
    void allow(std::size_t connections) noexcept { m_connections = connections; }

    live::Admission admit(http::Request const& request) noexcept override;
    http::Response refuse(http::Refusal const& refusal,
                          http::Request const& request) noexcept override;
    http::Response turn_away(http::Request const& request) noexcept override;

private:
    domain::Atlas const& m_atlas;
    access::Gate const& m_gate;
    std::atomic<std::size_t> m_connections;
    http::Application m_application;
};

} // namespace diaban::services::api
