using System.Text;

namespace Orleans.Runtime;

/// <summary>The bytes of one half of a grain id: its type, or its key in UTF-8.</summary>
public readonly struct IdSpan(byte[] value) : IEquatable<IdSpan>
{
    private readonly byte[]? _value = value;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    /// <summary>Whether there are no bytes.</summary>
    public bool IsDefault => _value is not { Length: > 0 };

    /// <summary>The UTF-8 bytes of <paramref name="id"/>.</summary>
    public static IdSpan Create(string id) => new(Encoding.UTF8.GetBytes(id));

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => _value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public bool Equals(IdSpan obj) => AsSpan().SequenceEqual(obj.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(AsSpan());
        return hash.ToHashCode();
    }

    /// <summary>The bytes read as UTF-8.</summary>
    public override string? ToString() => _value is null ? "" : Encoding.UTF8.GetString(_value);
}
