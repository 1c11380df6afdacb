using System.Globalization;
using Orleans.Runtime;
using OrleansCrm.EmbeddedSilo;

namespace Orleans;

/// <summary>Keys and references of grains, on references as well as inside the grain.</summary>
public static class GrainExtensions
{
    /// <summary>A reference to this grain under another of its interfaces. A grain passes this, never <c>this</c>.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return (TGrainInterface)(object)GrainReference.Of(grain).As(typeof(TGrainInterface));
    }

    /// <inheritdoc cref="AsReference{TGrainInterface}(IAddressable)"/>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();

    /// <summary>The grain's id.</summary>
    public static GrainId GetGrainId(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain is IGrainBase activated ? activated.GrainContext.GrainId : GrainReference.Of(grain).GrainId;
    }

    /// <summary>The text key.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            IGrainBase { GrainContext: Activation { Text: { } text } } => text,
            GrainReference { Text: { } text } => text,
            _ => grain.GetGrainId().Key.ToString() ?? "",
        };
    }

    /// <summary>The integer key.</summary>
    /// <exception cref="InvalidOperationException">The grain's key is not an integer.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            IGrainBase { GrainContext: Activation { Text: null } activation } => activation.Number,
            GrainReference { Text: null } reference => reference.Number,
            _ when long.TryParse(
                grain.GetPrimaryKeyString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw new InvalidOperationException($"Unable to extract integer key from grain id {grain.GetGrainId()}"),
        };
    }
}
