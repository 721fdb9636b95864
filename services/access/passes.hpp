#pragma once

#include "services/access/visitor.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace diaban::services::access {

/// Visitors whom the server sends to itself: a browser that draws a picture for somebody asks in
/// their place, with what they may read and nothing else, as long as the picture takes.
///
/// Threads   any number.
class Passes : public Gate {
public:
    /// The cookie that a pass is shown in.
    static constexpr char cookie[] = "diaban_pass";

    /// `behind`  says who everyone else is; outlives this.
    explicit Passes(Gate const& behind) : m_behind{behind} {}

    /// What a visitor may read, for who shows the secret; ends with this.
    class Pass {
    public:
        Pass(Passes& passes, Visitor const& visitor);
        ~Pass();
        Pass(Pass const&) = delete;
        Pass& operator=(Pass const&) = delete;
        [[nodiscard]] std::string const& secret() const noexcept { return m_secret; }

    private:
        Passes& m_passes;
        std::string m_secret;
    };

    /// Throws   Error{forbidden, "sign-in-needed"} for a pass that has ended, and for one that is
    /// to
    ///          change something; else as the gate behind.
    [[nodiscard]] Visitor admit(http::Request const& request) const override;

private:
    Gate const& m_behind;
    mutable std::mutex m_mutex;
    std::map<std::string, Visitor, std::less<>> m_visitors; // by the hash of the secret
};

} // namespace diaban::services::access
