import type { ReactNode } from 'react';

interface IconProps {
  readonly size?: number;
}

function Icon(props: IconProps & { readonly children: ReactNode }): ReactNode {
  const { size = 18, children } = props;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/** The product's mark. */
export function Mark({ size = 26 }: IconProps): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#3b5bdb" />
      <path
        d="M7 18h4.5l3-8 4 13 2.6-8H25"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/* One shape for each severity, so that colour is never the only sign. */
export const CriticalIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M8 3h8l5 5v8l-5 5H8l-5-5V8z" fill="currentColor" fillOpacity={0.16} />
    <path d="M12 8v5M12 16.5v.01" />
  </Icon>
);
export const HighIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M12 4 2.8 19.5h18.4z" fill="currentColor" fillOpacity={0.16} />
    <path d="M12 10v4M12 16.8v.01" />
  </Icon>
);
export const MediumIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="m12 3 9 9-9 9-9-9z" fill="currentColor" fillOpacity={0.16} />
    <path d="M8.5 12h7" />
  </Icon>
);
export const LowIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="9" fill="currentColor" fillOpacity={0.12} />
    <path d="m9 11 3 3 3-3" />
  </Icon>
);

export const SunIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
  </Icon>
);
export const MoonIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />
  </Icon>
);
export const SystemIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 3.5a8.5 8.5 0 0 1 0 17z" fill="currentColor" />
  </Icon>
);
export const KeyboardIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <rect x="2.5" y="6" width="19" height="12" rx="2" />
    <path d="M6.5 10v.01M10 10v.01M13.5 10v.01M17 10v.01M8 14h8" />
  </Icon>
);
export const PersonIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20.5c1-4 4-6 7.5-6s6.5 2 7.5 6" />
  </Icon>
);
export const ArrowLeftIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M19 12H5M11 6l-6 6 6 6" />
  </Icon>
);
export const CheckIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
);
export const InboxIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M3.5 13.5 6 5.5h12l2.5 8v5h-17z" />
    <path d="M3.5 13.5h5l1.5 2.5h4l1.5-2.5h5" />
  </Icon>
);
export const CloseIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M6 6l12 12M18 6 6 18" />
  </Icon>
);
export const FilterIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M4 6h16M7 12h10M10 18h4" />
  </Icon>
);
export const EyeIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" />
    <circle cx="12" cy="12" r="2.8" />
  </Icon>
);
export const SearchIcon = (props: IconProps): ReactNode => (
  <Icon {...props}>
    <circle cx="10.5" cy="10.5" r="6.5" />
    <path d="m15.5 15.5 5 5" />
  </Icon>
);
