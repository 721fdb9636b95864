#pragma once

#include "services/access/rights.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace diaban::services::http {
struct Request;
}

namespace diaban::services::access {

/// What a route needs of whoever asks it. Every route says so: there is no default.
enum class Need : std::uint8_t {
    open,       ///< nothing: it answers everyone alike and is given no right to any collection
    read,       ///< reads collections, under the visitor's policies
    edit,       ///< changes rows, under the visitor's policies
    account,    ///< somebody who signed in, about themselves
    administer, ///< Duty::administer
    audit,      ///< Duty::audit
    operate,    ///< Duty::operate
};

/// Whether what was found of a visitor still holds. What lasts longer than a request asks now and
/// then; once ended it stays so.
class Standing {
public:
    [[nodiscard]] bool ended() const noexcept { return m_ended.load(std::memory_order_relaxed); }
    void end() noexcept { m_ended.store(true, std::memory_order_relaxed); }

private:
    std::atomic<bool> m_ended{false};
};

/// Who asks, and what they may.
struct Visitor {
    enum class Way : std::uint8_t { anonymous, session, token };

    std::shared_ptr<Rights const> rights; ///< never null
    std::shared_ptr<Standing const> standing;
    Way way = Way::anonymous;
    std::string login{};   ///< empty for the anonymous
    std::string session{}; ///< of a session: what it is known by in the record
    std::string csrf{};    ///< of a session: what requests that change something must show

    /// Somebody of no rights at all, as open routes see everyone.
    static Visitor const& nobody() {
        static Visitor const one{std::make_shared<Rights const>(), std::make_shared<Standing>()};
        return one;
    }
};

/// Finds out who asks.
class Gate {
public:
    virtual ~Gate() = default;
    /// Threads  any number.
    /// Throws   Error{forbidden, "sign-in-needed"} for a token that does not hold;
    ///          Error{unavailable, "not-ready"} before rights are known at all.
    [[nodiscard]] virtual Visitor admit(http::Request const& request) const = 0;
};

/// Lets everyone in with the same rights: a server without a record of users, and tests.
class OpenGate : public Gate {
public:
    explicit OpenGate(Role const& for_all = Rights::open_to_all())
        : m_visitor{std::make_shared<Rights const>(std::span<Role const* const>{}, for_all),
                    std::make_shared<Standing>()} {}
    [[nodiscard]] Visitor admit(http::Request const&) const override { return m_visitor; }

private:
    Visitor m_visitor;
};

} // namespace diaban::services::access
