#include "services/access/totp.hpp"

#include "services/access/secret.hpp"
#include "services/http/uri.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace diaban::services::access {

std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
    std::array<unsigned char, 8> counter{};
    for (std::size_t i = 0; i < counter.size(); ++i)
        counter[counter.size() - 1 - i] =
            static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (8 * i));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(),
         digest.data(), &size);
    // RFC 4226, 5.3: four bytes from where the last four bits point, without the sign.
    std::size_t const from = digest[size - 1] & 15U;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8U | digest[from + i];
    number &= 0x7fffffffU;
    std::uint32_t modulus = 1;
    for (int i = 0; i < digits; ++i) modulus *= 10;
    return fmt::format("{:0{}}", number % modulus, digits);
}

std::optional<std::int64_t> matching_step(std::string_view secret, std::string_view code,
                                          std::int64_t unix_seconds) {
    auto const now = totp_step(unix_seconds);
    for (auto const step : {now, now - 1, now + 1})
        if (equal_secrets(totp_code(secret, step), code)) return step;
    return std::nullopt;
}

std::string base32(std::string_view bytes) {
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint32_t held = 0;
    int bits = 0;
    for (auto const byte : bytes) {
        held = (held << 8U | static_cast<unsigned char>(byte)) & 0xffffU;
        for (bits += 8; bits >= 5; bits -= 5) text += letters[held >> (bits - 5) & 31U];
    }
    if (bits > 0) text += letters[held << (5 - bits) & 31U];
    return text;
}

std::string totp_uri(std::string_view login, std::string_view secret) {
    return fmt::format("otpauth://totp/Diaban:{}?secret={}&issuer=Diaban",
                       http::percent_encode(login), base32(secret));
}

} // namespace diaban::services::access
