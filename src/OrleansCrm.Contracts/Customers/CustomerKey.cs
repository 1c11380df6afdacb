using System.Globalization;
using System.Text;

namespace OrleansCrm.Contracts.Customers;

/// <summary>
/// Who a customer is: tenant, kind and id, compared byte by byte. The canonical text <c>tenant/user:id</c> is the key of the
/// customer's grain and of every row about the customer.
/// </summary>
public readonly record struct CustomerKey
{
    /// <summary>Longest id in UTF-8 bytes.</summary>
    public const int IdBytesMax = 255;

    private const string UserPrefix = "user:";
    private const string AnonymousPrefix = "anonymous:";
    private const string ErasedPrefix = "erased:";

    // Of what can run out.
    public const string CouponPrefix = "coupon:";
    public const string BudgetPrefix = "budget:";
    public const string SlicePrefix = "slice:";

    private CustomerKey(string tenant, CustomerKind kind, string id)
    {
        Tenant = tenant;
        Kind = kind;
        Id = id;
    }

    public string Tenant { get; }

    public CustomerKind Kind { get; }

    public string Id { get; }

    /// <summary>Trims <paramref name="id"/> and checks it: 1 to 255 UTF-8 bytes, no control characters, no lone surrogates.</summary>
    /// <returns>False with a reason that can be shown to the sender.</returns>
    public static bool TryCreate(string tenant, CustomerKind kind, string? id, out CustomerKey key, out string error)
    {
        key = default;
        var trimmed = id?.Trim() ?? "";
        if (trimmed.Length == 0)
        {
            error = "the id is empty";
            return false;
        }

        if (trimmed.Length <= IdBytesMax && !trimmed.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            error = "";
            key = new CustomerKey(tenant, kind, trimmed);
            return true;
        }

        var bytes = 0;
        foreach (var rune in trimmed.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control)
            {
                error = "the id has a control character";
                return false;
            }

            bytes += rune.Utf8SequenceLength;
        }

        if (bytes > IdBytesMax || HasLoneSurrogate(trimmed))
        {
            error = bytes > IdBytesMax ? $"the id is longer than {IdBytesMax} bytes" : "the id is not valid Unicode";
            return false;
        }

        error = "";
        key = new CustomerKey(tenant, kind, trimmed);
        return true;
    }

    /// <summary>What an erased customer's tombstone is called. It stays in the partition of the customer, whose id is no longer there to tell.</summary>
    public static CustomerKey Erased(string tenant, int partition, string hash) =>
        new(tenant, CustomerKind.Erased, string.Create(CultureInfo.InvariantCulture, $"{partition}-{hash}"));

    /// <summary>Reads the canonical text that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text was not written by <see cref="ToString"/>.</exception>
    public static CustomerKey Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (slash > 0)
        {
            var rest = text.AsSpan(slash + 1);
            if (rest.StartsWith(UserPrefix))
                return new CustomerKey(text[..slash], CustomerKind.User, rest[UserPrefix.Length..].ToString());
            if (rest.StartsWith(AnonymousPrefix))
                return new CustomerKey(text[..slash], CustomerKind.Anonymous, rest[AnonymousPrefix.Length..].ToString());
            if (rest.StartsWith(ErasedPrefix))
                return new CustomerKey(text[..slash], CustomerKind.Erased, rest[ErasedPrefix.Length..].ToString());
            if (rest.StartsWith(CouponPrefix))
                return new CustomerKey(text[..slash], CustomerKind.Coupon, rest[CouponPrefix.Length..].ToString());
            if (rest.StartsWith(BudgetPrefix))
                return new CustomerKey(text[..slash], CustomerKind.Budget, rest[BudgetPrefix.Length..].ToString());
            if (rest.StartsWith(SlicePrefix))
                return new CustomerKey(text[..slash], CustomerKind.Slice, rest[SlicePrefix.Length..].ToString());
        }

        throw new FormatException("A customer key reads tenant/kind:id.");
    }

    /// <summary>The tenant of a canonical key, whatever it is of.</summary>
    public static string TenantOf(string key) => key[..key.IndexOf('/')];

    /// <summary>Whether a canonical key is of something that can run out, and not of a customer.</summary>
    public static bool IsReserve(string key)
    {
        var rest = key.AsSpan(key.IndexOf('/') + 1);
        return rest.StartsWith(CouponPrefix) || rest.StartsWith(BudgetPrefix) || rest.StartsWith(SlicePrefix);
    }

    /// <summary>The partition that owns this customer: <c>H(tenant NUL kind NUL id) mod partitions</c>.</summary>
    public int PartitionOf(int partitions)
    {
        if (Kind is CustomerKind.Erased or CustomerKind.Slice)
            return int.Parse(Id.AsSpan(0, Id.IndexOf('-')), NumberStyles.None, CultureInfo.InvariantCulture);
        Span<byte> buffer = stackalloc byte[512];
        var hash = StableHash.Start(buffer).Add(Tenant).Add(WordOf(Kind)).Add(Id).Finish64();
        return (int)(hash % (ulong)partitions);
    }

    public override string ToString() => string.Concat(Tenant, "/", PrefixOf(Kind), Id);

    private static string WordOf(CustomerKind kind) => kind switch
    {
        CustomerKind.User => "user",
        CustomerKind.Coupon => "coupon",
        CustomerKind.Budget => "budget",
        _ => "anonymous",
    };

    private static string PrefixOf(CustomerKind kind) => kind switch
    {
        CustomerKind.User => UserPrefix,
        CustomerKind.Erased => ErasedPrefix,
        CustomerKind.Coupon => CouponPrefix,
        CustomerKind.Budget => BudgetPrefix,
        CustomerKind.Slice => SlicePrefix,
        _ => AnonymousPrefix,
    };

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }

        return false;
    }
}
