#pragma once

#include "services/access/visitor.hpp"
#include "services/http/client_address.hpp"
#include "services/http/rate_limit.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace diaban::services::http {

/// What clients of a server may do, as its owner has it.
struct ClientBounds {
    Networks trusted;         ///< proxies that are believed about whom they ask for
    unsigned anonymous = 0;   ///< requests a second of an address; 0: any number
    unsigned signed_in = 0;   ///< of an account, in sessions of browsers
    unsigned service = 0;     ///< of an account, by tokens
    unsigned burst = 3;       ///< seconds' worth that may come at once
    unsigned connections = 0; ///< at once, of an address; 0: any number
};

/// Holds clients to their bounds: nobody who does not sign in by address (of version 6 by its
/// network of 64 bits, which one client has whole), those who do by account, so that an office
/// behind one address does not share one bound.
///
/// Free     what a trusted address asks for itself.
/// Threads  any number.
class ClientLimits {
public:
    explicit ClientLimits(ClientBounds bounds);

    /// Throws   Error{unavailable, "too-many-requests"} with the seconds to wait.
    void take(Client const& client, access::Visitor const& visitor);

    /// One more connection of a peer; false if that is one too many. What was let in leaves.
    [[nodiscard]] bool enter(Address const& peer);
    void leave(Address const& peer);

    [[nodiscard]] ClientBounds const& bounds() const noexcept { return m_bounds; }
    /// Prometheus text: what was refused, by class.
    void write(std::string& out) const;

private:
    struct Class {
        char const* name;
        RateLimit limit;
        std::atomic<std::uint64_t> refused{0};
    };

    [[nodiscard]] Class& class_of(access::Visitor::Way way) noexcept;

    ClientBounds m_bounds;
    std::array<Class, 3> m_classes;
    std::mutex m_mutex;
    std::map<Address, unsigned> m_connections; // of peers that are not trusted
    std::atomic<std::uint64_t> m_turned_away{0};
};

/// A connection's place among those of its address, as long as it lasts.
class Place {
public:
    /// `limits` null: there is always one.
    Place(ClientLimits* limits, Address const& address)
        : m_limits{limits}, m_address{address}, m_given{limits == nullptr ||
                                                        limits->enter(address)} {}
    Place(Place const&) = delete;
    Place& operator=(Place const&) = delete;
    ~Place() {
        if (m_limits != nullptr && m_given) m_limits->leave(m_address);
    }
    [[nodiscard]] bool given() const noexcept { return m_given; }

private:
    ClientLimits* m_limits;
    Address m_address;
    bool m_given;
};

} // namespace diaban::services::http
