#pragma once

#include "services/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::http {

/// Reads an address of version 4 or 6 as it is written alone, in brackets, or with a port behind
/// it. Nothing for anything else, names among them.
[[nodiscard]] std::optional<Address> read_address(std::string_view text);

/// `192.0.2.7`, `2001:db8::1`.
[[nodiscard]] std::string to_string(Address const& address);

/// Networks and single addresses.
class Networks {
public:
    Networks() = default;
    /// `10.0.0.0/8, ::1, fd00::/8`; empty: none.
    /// Throws   Error{bad_input, "bad-setting"} naming `setting`.
    static Networks read(std::string_view list, std::string_view setting);

    [[nodiscard]] bool contains(Address const& address) const noexcept;

private:
    struct Network {
        Address prefix;
        unsigned bits = 0; ///< of the 128
    };
    std::vector<Network> m_networks;
};

/// Who sent a request.
struct Client {
    Address address;
    /// It comes from a trusted address that forwards nobody: the machine itself, or a proxy that
    /// asks how we are.
    bool own = false;
};

/// The peer; where the peer is trusted, the last address of `X-Forwarded-For` (or else of
/// `Forwarded`, RFC 7239) that is not trusted itself. What stands before that is the client's own
/// word and is not read; a part that is no address ends the reading.
[[nodiscard]] Client client_of(Request const& request, Networks const& trusted);

} // namespace diaban::services::http
