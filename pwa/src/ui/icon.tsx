// The icons, from Lucide; only those named here come into the bundle. An icon never stands alone:
// the word beside it says what it means, so it is hidden from screen readers.
import {
  ArrowLeft,
  CalendarCheck,
  Camera,
  Check,
  ChevronRight,
  CircleAlert,
  CircleHelp,
  ClipboardList,
  DoorClosed,
  FileText,
  Footprints,
  HeartHandshake,
  House,
  type IconNode,
  Image,
  Languages,
  Lock,
  MapPin,
  Mic,
  Pencil,
  Phone,
  Plus,
  RefreshCw,
  School,
  Search,
  Siren,
  Smartphone,
  Square,
  Trash2,
  TriangleAlert,
  Undo2,
  UserRound,
  UsersRound,
  X,
} from "lucide";
import { h } from "preact";

const ICONS = {
  back: ArrowLeft,
  today: CalendarCheck,
  check: Check,
  more: ChevronRight,
  notice: CircleAlert,
  help: CircleHelp,
  survey: ClipboardList,
  away: DoorClosed,
  draft: FileText,
  visit: Footprints,
  helper: HeartHandshake,
  house: House,
  language: Languages,
  lock: Lock,
  place: MapPin,
  edit: Pencil,
  phone: Phone,
  add: Plus,
  sync: RefreshCw,
  school: School,
  search: Search,
  danger: Siren,
  device: Smartphone,
  remove: Trash2,
  warning: TriangleAlert,
  undo: Undo2,
  person: UserRound,
  people: UsersRound,
  close: X,
  camera: Camera,
  image: Image,
  microphone: Mic,
  stop: Square,
} satisfies Record<string, IconNode>;

export type IconName = keyof typeof ICONS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {ICONS[name].map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
