#include "services/access/secret.hpp"

#include "geo/error.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <semaphore>
#include <stdexcept>

namespace diaban::services::access {

namespace {

constexpr std::size_t secret_bytes = 32;
constexpr int base64_form = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

unsigned char const* bytes(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

void begin_sodium() {
    static int const begun = sodium_init();
    if (begun < 0) throw std::runtime_error{"libsodium does not start"};
}

/// One of the two who may hash a password now.
class Turn {
public:
    Turn() {
        constexpr std::chrono::seconds patience{3};
        if (!places().try_acquire_for(patience))
            throw geo::Error{geo::Code::unavailable, "database-busy"};
    }
    ~Turn() { places().release(); }
    Turn(Turn const&) = delete;
    Turn& operator=(Turn const&) = delete;

private:
    static std::counting_semaphore<2>& places() {
        static std::counting_semaphore<2> two{2};
        return two;
    }
};

std::string hash_now(std::string_view password) {
    std::array<char, crypto_pwhash_STRBYTES> encoded{};
    if (crypto_pwhash_str_alg(
            encoded.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw geo::Error{geo::Code::unavailable, "database-busy"};
    return encoded.data();
}

} // namespace

std::string random_bytes(std::size_t count) {
    begin_sodium();
    std::string made(count, '\0');
    randombytes_buf(made.data(), made.size());
    return made;
}

std::string random_secret() {
    return base64url(random_bytes(secret_bytes));
}

std::string sha256_bytes(std::string_view text) {
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(bytes(digest), bytes(text), text.size());
    return digest;
}

std::string sha256_of(std::string_view text) {
    auto const digest = sha256_bytes(text);
    std::string digits(digest.size() * 2 + 1, '\0');
    sodium_bin2hex(digits.data(), digits.size(), bytes(digest), digest.size());
    digits.pop_back();
    return digits;
}

std::string csrf_of(std::string_view secret) {
    constexpr std::string_view purpose = "diaban csrf";
    auto const key = sha256_bytes(secret);
    std::string made(crypto_generichash_BYTES, '\0');
    crypto_generichash(bytes(made), made.size(), bytes(purpose), purpose.size(), bytes(key),
                       key.size());
    return base64url(made);
}

std::string base64url(std::string_view text) {
    std::string made(sodium_base64_encoded_len(text.size(), base64_form), '\0');
    sodium_bin2base64(made.data(), made.size(), bytes(text), text.size(), base64_form);
    made.pop_back();
    return made;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string made(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(bytes(made), made.size(), text.data(), text.size(), nullptr, &size,
                          nullptr, base64_form) != 0)
        return std::nullopt;
    made.resize(size);
    return made;
}

bool equal_secrets(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_password(std::string_view password) {
    begin_sodium();
    Turn const turn;
    return hash_now(password);
}

bool verify_password(std::optional<std::string> const& encoded, std::string_view password) {
    begin_sodium();
    Turn const turn;
    static std::string const nobodys = hash_now(random_bytes(secret_bytes));
    auto const& held = encoded ? *encoded : nobodys;
    return crypto_pwhash_str_verify(held.c_str(), password.data(), password.size()) == 0 &&
           encoded.has_value();
}

bool is_acceptable_password(std::string_view password) noexcept {
    constexpr std::size_t least = 10;
    constexpr std::size_t most = 200;
    return password.size() >= least && password.size() <= most &&
           password.find_first_not_of(password.front()) != std::string_view::npos;
}

} // namespace diaban::services::access
